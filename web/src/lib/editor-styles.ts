import { StyleModule } from "style-mod";

interface RootStyles {
  sheet: CSSStyleSheet;
  modules: readonly StyleModule[];
}

const stylesOf = new WeakMap<Document | ShadowRoot, RootStyles>();

/**
 * Let CodeMirror put its styles into constructable style sheets.
 *
 * By itself it adds a `<style>` element to the document, which our content security policy refuses.
 * Call it before the first editor is made.
 */
export function adoptEditorStyles(): void {
  if (!("adoptedStyleSheets" in Document.prototype)) return;
  StyleModule.mount = mount;
}

/** Later modules win over earlier ones, as the original promises. */
function mount(
  root: Document | ShadowRoot | DocumentOrShadowRoot,
  wanted: readonly StyleModule[] | StyleModule,
): void {
  const place = root as Document | ShadowRoot;
  const modules = Array.isArray(wanted) ? (wanted as readonly StyleModule[]) : [wanted];
  const present = stylesOf.get(place) ?? { sheet: adoptedBy(place), modules: [] };
  const kept = present.modules.filter((module) => !modules.includes(module));
  const next = [...kept, ...(modules as readonly StyleModule[])];
  if (next.some((module, index) => module !== present.modules[index])) {
    present.sheet.replaceSync(next.map((module) => module.getRules()).join("\n"));
  }
  stylesOf.set(place, { sheet: present.sheet, modules: next });
}

function adoptedBy(root: Document | ShadowRoot): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  root.adoptedStyleSheets.push(sheet);
  return sheet;
}
