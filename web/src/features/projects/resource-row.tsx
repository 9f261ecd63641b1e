import { Time } from "@/components/time";
import { ResourceLink } from "./resource-link";
import { ResourceMenu } from "./resource-menu";
import styles from "./resource-table.module.css";
import { kindOf } from "./use-changes";
import type { Resource } from "./use-folder";

interface ResourceRowProps {
  resource: Resource;
  /** Whether the person may change what lies in the folder. */
  hasMenu: boolean;
}

/** One line of a folder's content. */
export function ResourceRow({ resource, hasMenu }: ResourceRowProps) {
  return (
    <tr>
      <td>
        <ResourceLink resource={resource} />
      </td>
      <td className={styles.kind}>{kindOf(resource)}</td>
      <td className={styles.when}>
        <Time value={resource.updatedTime} />
      </td>
      <td>{hasMenu && <ResourceMenu resource={resource} size="small" variant="minimal" />}</td>
    </tr>
  );
}
