/**
 * Which outputs have the same file open: when one of them rotates it, the others must follow.
 */

/** One output of a file. */
export interface FamilyMember {
  /** Another output of the same file has rotated it. */
  readonly replaced: () => void;
}

export class FileFamilies {
  /** By the key of the place where the file lies. */
  readonly #members = new Map<string, Set<FamilyMember>>();

  join(key: string, member: FamilyMember): void {
    const members = this.#members.get(key) ?? new Set();
    this.#members.set(key, members.add(member));
  }

  /** A member that never joined is no error. */
  leave(key: string, member: FamilyMember): void {
    const members = this.#members.get(key);
    if (members?.delete(member) === true && members.size === 0) this.#members.delete(key);
  }

  /** `member` has rotated the file: all others are called. */
  replacedBy(key: string, member: FamilyMember): void {
    for (const other of this.#members.get(key) ?? []) if (other !== member) other.replaced();
  }
}
