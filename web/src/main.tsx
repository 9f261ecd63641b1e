import "@blueprintjs/core/lib/css/blueprint.css";
import "@fontsource-variable/inter/wght.css";
import "@/styles/base.css";
import { FocusStyleManager } from "@blueprintjs/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startTheme } from "@/lib/theme";
import { App, createParts } from "./app";

startTheme();
FocusStyleManager.onlyShowFocusOnTabs();

const element = document.getElementById("root");
if (element === null) throw new Error("the page has no #root");
createRoot(element).render(
  <StrictMode>
    <App {...createParts((...request) => window.fetch(...request))} />
  </StrictMode>,
);
