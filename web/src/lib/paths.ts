/** Where a stream's page is. */
export function streamPath(rid: string): string {
  return `/streams/${rid}`;
}

/** Where a stream is made, to lie in that folder. */
export function newStreamPath(folderRid: string): string {
  return `/new-stream?folder=${encodeURIComponent(folderRid)}`;
}
