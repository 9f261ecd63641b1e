import { curl } from "./curl";
import { foundrySdk } from "./foundry-sdk";
import { java } from "./java";
import { javascript } from "./javascript";
import { osdk } from "./osdk";
import type { Credentials, Generator, Program, Target } from "./program";
import { python } from "./python";

/** What the page and its tests know of each way to write the program. */
export interface Language {
  name: string;
  /** What must be there to run it. */
  needs: string;
  /** The file that both pieces go into; without one they are typed into a shell. */
  file?: string;
  run: string;
  generate: Generator;
}

/** The languages by the word that stands for each in the page's path. */
export const LANGUAGES = {
  curl: { name: "cURL", needs: "curl and jq", run: "in a shell", generate: curl },
  python: {
    name: "Python",
    needs: "Python 3.8 or later, nothing else",
    file: "push.py",
    run: "python3 push.py",
    generate: python,
  },
  javascript: {
    name: "JavaScript",
    needs: "Node 18 or later, nothing else",
    file: "push.mjs",
    run: "node push.mjs",
    generate: javascript,
  },
  java: {
    name: "Java",
    needs: "a JDK, 17 or later, nothing else",
    file: "Push.java",
    run: "java Push.java",
    generate: java,
  },
  "foundry-sdk": {
    name: "foundry-platform-sdk",
    needs: "pip install foundry-platform-sdk",
    file: "push.py",
    run: "python3 push.py",
    generate: foundrySdk,
  },
  osdk: {
    name: "@osdk/foundry.streams",
    needs: "npm install @osdk/client @osdk/oauth @osdk/foundry.streams",
    file: "push.mjs",
    run: "node push.mjs",
    generate: osdk,
  },
} as const satisfies Record<string, Language>;

export type LanguageId = keyof typeof LANGUAGES;

/** Tell whether *text* stands for a language. */
export function isLanguageId(text: string): text is LanguageId {
  return Object.hasOwn(LANGUAGES, text);
}

/** Write the program in every language. */
export function programs(target: Target, credentials: Credentials): Record<LanguageId, Program> {
  const written = Object.entries(LANGUAGES).map(([id, language]) => [
    id,
    language.generate(target, credentials),
  ]);
  return Object.fromEntries(written) as Record<LanguageId, Program>;
}
