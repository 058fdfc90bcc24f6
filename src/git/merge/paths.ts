/** The directories that a path is in, innermost first, without the root. */
export function directoriesOf(path: string): string[] {
  const found: string[] = [];
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) found.push(path.slice(0, slash));
  return found;
}
