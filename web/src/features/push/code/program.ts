/** What a generated program pushes, and where to. */
export interface Target {
  /** The server, without a slash at its end. */
  url: string;
  datasetRid: string;
  branch: string;
  records: readonly object[];
}

/** Who pushes: an application, or a person with a token. */
export type Credentials = { clientId: string; clientSecret: string } | { token: string };

/** Two pieces of code that are one program when they stand one below the other. */
export interface Program {
  /** Gets a token. */
  token: string;
  /** Pushes the records with it. */
  push: string;
}

/** Writes a program. */
export type Generator = (target: Target, credentials: Credentials) => Program;

const LINE_MAX = 88;

export const SCOPE = "api:use-streams-write";

/** Where an application gets its tokens. */
export function tokenUrl({ url }: Target): string {
  return `${url}/multipass/api/oauth2/token`;
}

/** Where the records go. */
export function pushUrl({ url, datasetRid, branch }: Target): string {
  const stream = `${encodeURIComponent(datasetRid)}/branches/${encodeURIComponent(branch)}`;
  return `${url}/stream-proxy/api/streams/${stream}/jsonRecords`;
}

/** The records as the push call takes them. */
export function wrapped({ records }: Target): { value: object }[] {
  return records.map((value) => ({ value }));
}

/** Write records as JSON for people: each on a line of its own, or over several if it is long. */
export function recordsJson(records: readonly object[]): string {
  const lines = records.map((record) => {
    const long = JSON.stringify(record, null, 2);
    // A line break within a string is escaped: what is broken here stands between values.
    const short = long.replaceAll(/\n */g, " ");
    return short.length <= LINE_MAX ? short : long;
  });
  return `[\n  ${lines.map((line) => indented(line, "  ")).join(",\n  ")}\n]`;
}

/** Indent all lines of *text* but the first. */
export function indented(text: string, indent: string): string {
  return text.replaceAll("\n", `\n${indent}`);
}
