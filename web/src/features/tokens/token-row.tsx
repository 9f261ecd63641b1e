import { type Intent, Menu, MenuItem } from "@blueprintjs/core";
import { BanCircleIcon, DisableIcon, MoreIcon, TickCircleIcon } from "@blueprintjs/icons";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { MenuButton } from "@/components/menu-button";
import { useNotify } from "@/components/notices";
import { StateTag } from "@/components/state-tag";
import { Time } from "@/components/time";
import { messageOf } from "@/lib/errors";
import styles from "./tokens.module.css";
import { isExpired, type Token, useChangeToken } from "./use-tokens";

/** One token, without its text. */
export function TokenRow({ token }: { token: Token }) {
  const [word, intent] = stateOf(token);
  return (
    <tr>
      <td className={styles.name}>{token.name}</td>
      <td>
        <code className={styles.muted}>…{token.lastFour}</code>
      </td>
      <td>
        <StateTag intent={intent}>{word}</StateTag>
      </td>
      <td className={styles.muted}>
        <Time value={token.createdTime} />
      </td>
      <td className={styles.muted}>
        {token.expirationTime === null ? "Never" : <Time value={token.expirationTime} />}
      </td>
      <td className={styles.muted}>
        {token.lastUsedTime === null ? "Never" : <Time value={token.lastUsedTime} />}
      </td>
      <td>{token.state !== "REVOKED" && !isExpired(token) && <TokenMenu token={token} />}</td>
    </tr>
  );
}

function TokenMenu({ token }: { token: Token }) {
  const [isRevoking, setIsRevoking] = useState(false);
  const change = useChangeToken();
  const notify = useNotify();
  const isEnabled = token.state === "ENABLED";
  const turn = (to: "enable" | "disable") =>
    change.mutate(
      { tokenId: token.tokenId, to },
      { onError: (error) => notify({ message: messageOf(error), intent: "danger" }) },
    );
  return (
    <>
      <MenuButton
        aria-label={`Actions for ${token.name}`}
        icon={<MoreIcon />}
        menu={
          <Menu aria-label={`Actions for ${token.name}`}>
            {isEnabled ? (
              <MenuItem icon={<DisableIcon />} onClick={() => turn("disable")} text="Disable" />
            ) : (
              <MenuItem icon={<TickCircleIcon />} onClick={() => turn("enable")} text="Enable" />
            )}
            <MenuItem
              icon={<BanCircleIcon />}
              intent="danger"
              onClick={() => setIsRevoking(true)}
              text="Revoke"
            />
          </Menu>
        }
        size="small"
        variant="minimal"
      />
      <ConfirmDialog
        confirmLabel="Revoke"
        error={change.error}
        isOpen={isRevoking}
        isPending={change.isPending}
        onClose={() => setIsRevoking(false)}
        onConfirm={() =>
          change.mutate(
            { tokenId: token.tokenId, to: "revoke" },
            { onSuccess: () => setIsRevoking(false) },
          )
        }
        title={`Revoke ${token.name}?`}
      >
        What uses it is refused from this moment on. This cannot be undone; to stop it for a while,
        disable it instead.
      </ConfirmDialog>
    </>
  );
}

function stateOf(token: Token): [string, Intent] {
  if (token.state === "REVOKED") return ["Revoked", "danger"];
  if (isExpired(token)) return ["Expired", "none"];
  return token.state === "ENABLED" ? ["Enabled", "success"] : ["Disabled", "warning"];
}
