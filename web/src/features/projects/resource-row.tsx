import { Time } from "@/components/time";
import { ResourceLink } from "./resource-link";
import { ResourceMenu } from "./resource-menu";
import styles from "./resource-table.module.css";
import type { Resource } from "./use-folder";
import type { Kind } from "./use-kinds";

interface ResourceRowProps {
  resource: Resource;
  kind: Kind | undefined;
  /** Whether the person may change what lies in the folder. */
  hasMenu: boolean;
}

/** One line of a folder's content. */
export function ResourceRow({ resource, kind, hasMenu }: ResourceRowProps) {
  return (
    <tr>
      <td>
        <ResourceLink kind={kind} resource={resource} />
      </td>
      <td className={styles.kind}>{kind}</td>
      <td className={styles.when}>
        <Time value={resource.updatedTime} />
      </td>
      <td>{hasMenu && <ResourceMenu resource={resource} size="small" variant="minimal" />}</td>
    </tr>
  );
}
