import { Button, InputGroup } from "@blueprintjs/core";
import { PlusIcon, SearchIcon, TickIcon } from "@blueprintjs/icons";
import { useId, useState } from "react";
import { Problem } from "@/components/problem";
import { useSettled } from "@/lib/settled";
import { PrincipalLine } from "./principal-line";
import type { Principal } from "./principals";
import styles from "./share-panel.module.css";
import { usePrincipalSearch } from "./use-sharing";

const LABEL = "Search users, groups or client IDs";

interface PrincipalSearchProps {
  initial: string;
  isStaged: (id: string) => boolean;
  onAdd: (principal: Principal) => void;
}

/** Finds whom to share with. */
export function PrincipalSearch({ initial, isStaged, onAdd }: PrincipalSearchProps) {
  const [text, setText] = useState(initial);
  const asked = useSettled(text);
  const found = usePrincipalSearch(asked);

  const add = (principal: Principal) => {
    onAdd(principal);
    setText("");
  };
  return (
    <div>
      <InputGroup
        aria-label={LABEL}
        autoFocus
        leftIcon={<SearchIcon />}
        onValueChange={setText}
        placeholder={LABEL}
        type="search"
        value={text}
      />
      <Problem error={found.error} />
      {text.trim() !== "" && found.data !== undefined && (
        <ul aria-label="Found" className={styles.results}>
          {found.data.map((principal) => (
            <Result
              isStaged={isStaged(principal.id)}
              key={principal.id}
              onAdd={() => add(principal)}
              principal={principal}
            />
          ))}
          {found.data.length === 0 && (
            <li className={styles.none}>
              Nobody’s name, e-mail address or client ID begins with “{asked.trim()}”. An
              application is found once its client credentials grant is enabled.
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

interface ResultProps {
  principal: Principal;
  isStaged: boolean;
  onAdd: () => void;
}

function Result({ principal, isStaged, onAdd }: ResultProps) {
  const id = useId();
  return (
    <li className={styles.line}>
      <PrincipalLine id={id} principal={principal} />
      <Button
        aria-describedby={id}
        aria-label="Add"
        disabled={isStaged}
        icon={isStaged ? <TickIcon /> : <PlusIcon />}
        onClick={onAdd}
        size="small"
      />
    </li>
  );
}
