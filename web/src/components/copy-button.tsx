import { Button, type ButtonProps } from "@blueprintjs/core";
import { DuplicateIcon, TickIcon } from "@blueprintjs/icons";
import { useEffect, useState } from "react";
import { copyText } from "@/lib/clipboard";

const SHOWN_MS = 2_000;

interface CopyButtonProps extends Pick<ButtonProps, "size" | "variant" | "className"> {
  text: string;
  /** The button's name; only read out when *isIconOnly*. */
  label?: string;
  isIconOnly?: boolean;
  /** Called when the text is on the clipboard. */
  onCopied?: (() => void) | undefined;
}

/** Copies *text*, and says so. */
export function CopyButton(props: CopyButtonProps) {
  const { text, label = "Copy", isIconOnly, onCopied, ...button } = props;
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");

  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = () =>
    copyText(text).then(
      () => {
        setState("copied");
        onCopied?.();
      },
      () => setState("failed"),
    );
  const said = { idle: "", copied: "Copied", failed: "Could not copy" }[state];
  return (
    <>
      <Button
        {...button}
        aria-label={label}
        icon={state === "copied" ? <TickIcon /> : <DuplicateIcon />}
        onClick={copy}
        text={isIconOnly ? undefined : said || label}
        title={isIconOnly ? said || label : undefined}
      />
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </>
  );
}
