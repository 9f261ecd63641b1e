import {
  AnchorButton,
  type AnchorButtonProps,
  MenuItem,
  type MenuItemProps,
} from "@blueprintjs/core";
import { createLink } from "@tanstack/react-router";
import type { Ref } from "react";

function PlainMenuItem({ ref: _ref, ...props }: MenuItemProps & { ref?: Ref<unknown> }) {
  return <MenuItem {...props} />;
}

/** A link within the pages that looks like a button: `<ButtonLink to="/projects" text="…" />`. */
export const ButtonLink = createLink((props: AnchorButtonProps) => (
  <AnchorButton {...props} role="link" />
));

/** A menu item that leads to another page. */
export const MenuLink = createLink(PlainMenuItem);
