/**
 * The functions of the sources and their lengths, as the TypeScript compiler sees them.
 */
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { projectPath } from './project.ts';

export interface SourceFunction {
  /** Path below the project. */
  readonly path: string;
  /** Its first line, counted from 1. */
  readonly line: number;
  /** For a function without its own name: the constant or field it is assigned to; null: part of an expression. */
  readonly name: string | null;
  /** From its first line to its last, without the comment above. */
  readonly lines: number;
}

const FUNCTIONS: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
  SyntaxKind.ArrowFunction,
  SyntaxKind.FunctionExpression,
]);
/** Nodes that give their name to a function that is their value. */
const HOLDERS: ReadonlySet<SyntaxKind> = new Set([SyntaxKind.VariableDeclaration, SyntaxKind.PropertyDeclaration]);

/** @param paths below the project */
export function functionsOf(paths: readonly string[]): readonly SourceFunction[] {
  const api = new API({ cwd: projectPath() });
  try {
    const project = api.updateSnapshot({ openProject: projectPath('tsconfig.json') }).getProjects()[0];
    return paths.flatMap((path) => {
      const source = project?.program.getSourceFile(projectPath(path));
      if (source === undefined) throw new Error(`${path} does not belong to the project`);
      return functionsIn(path, source);
    });
  } finally {
    api.close();
  }
}

function functionsIn(path: string, source: SourceFile): readonly SourceFunction[] {
  const found: SourceFunction[] = [];
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: Node, holder: Node | null): void => {
    // A function type or an overload has no body.
    if (FUNCTIONS.has(node.kind) && 'body' in node && node.body !== undefined) {
      const line = lineAt(node.getStart(source));
      found.push({ path, line, name: nameOf(node) ?? nameOf(holder), lines: lineAt(node.end) - line + 1 });
    }
    node.forEachChild((child) => visit(child, HOLDERS.has(node.kind) ? node : null));
  };
  visit(source, null);
  return found;
}

function nameOf(node: Node | null): string | null {
  if (node === null) return null;
  if (node.kind === SyntaxKind.Constructor) return 'constructor';
  if (!('name' in node) || typeof node.name !== 'object' || node.name === null || !('text' in node.name)) return null;
  return String(node.name.text);
}
