/** Where a stream's page is. */
export function streamPath(rid: string): string {
  return `/streams/${rid}`;
}

/** Where a stream is made, to lie in that folder. */
export function newStreamPath(folderRid: string): string {
  return `/new-stream?folder=${encodeURIComponent(folderRid)}`;
}

/** Where the ways to push to a stream are. */
export function connectPath(rid: string): string {
  return `/streams/${rid}/connect`;
}

/** Where the code that pushes to a stream is, in one language. */
export function pushPath(rid: string, language: string): string {
  return `/streams/${rid}/push/${language}`;
}
