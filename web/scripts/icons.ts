import type { Plugin } from "vite";

const LOADER = /(?:paths-loaders\/\w+Loader|\/pathsLoader)(?:\.js)?$/;
const REFUSAL = "\0no-icons-by-name";

/**
 * Keeps Blueprint's loaders of all icons out of the build.
 *
 * An icon is given as an element, `icon={<PlusIcon />}`, so that only the icons that are used are
 * bundled. One that is given by its name fails, and says so on the console.
 */
export function usedIconsOnly(): Plugin {
  return {
    name: "used-icons-only",
    enforce: "pre",
    apply: "build",
    resolveId(source) {
      return LOADER.test(source) ? REFUSAL : undefined;
    },
    load(id) {
      if (id !== REFUSAL) return undefined;
      return `const refuse = (name) => { throw new Error("give the icon " + name + " as an element"); };
        export { refuse as allPathsLoader, refuse as splitPathsBySizeLoader, refuse as defaultNextIconPathsLoader };`;
    },
  };
}
