/**
 * Outputs that have the same file open: when one rotates it, the others must reopen it.
 */

/** One output of a file. */
export interface FamilyMember {
  /** Another output of the same file has rotated it. */
  readonly replaced: () => void;
}

export class FileFamilies {
  /** By {@link Place.key}. */
  readonly #members = new Map<string, Set<FamilyMember>>();

  join(key: string, member: FamilyMember): void {
    const members = this.#members.get(key) ?? new Set();
    this.#members.set(key, members.add(member));
  }

  /** Leaving without having joined is not an error. */
  leave(key: string, member: FamilyMember): void {
    const members = this.#members.get(key);
    if (members?.delete(member) === true && members.size === 0) this.#members.delete(key);
  }

  /** `member` has rotated the file: calls all others. */
  replacedBy(key: string, member: FamilyMember): void {
    for (const other of this.#members.get(key) ?? []) if (other !== member) other.replaced();
  }
}
