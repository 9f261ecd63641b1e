/** One way to push, on its own page. */
export interface Way {
  /** The last part of the page's path. */
  language: string;
  name: string;
  about: string;
  /** Two or three letters that stand for it. */
  sign: string;
}

export const API_WAYS: readonly Way[] = [
  {
    language: "curl",
    name: "cURL",
    about: "Two commands in a shell, with curl and jq",
    sign: "$_",
  },
  {
    language: "python",
    name: "Python",
    about: "One file, with nothing but the standard library",
    sign: "py",
  },
  {
    language: "javascript",
    name: "JavaScript",
    about: "One file for Node, with its own fetch",
    sign: "js",
  },
  { language: "java", name: "Java", about: "One file, with nothing but the JDK", sign: "jv" },
];

export const SDK_WAYS: readonly Way[] = [
  {
    language: "foundry-sdk",
    name: "foundry-platform-sdk",
    about: "The official client for Python",
    sign: "py",
  },
  {
    language: "osdk",
    name: "@osdk/foundry.streams",
    about: "The official client for TypeScript",
    sign: "ts",
  },
];
