import { ChevronRightIcon } from "@blueprintjs/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ButtonLink } from "@/components/button-link";
import { Failed } from "@/components/failed";
import { Loading } from "@/components/loading";
import { PageHeader } from "@/components/page";
import { Trail } from "@/components/trail";
import { useApi } from "@/lib/api";
import { plural } from "@/lib/format";
import { useLocated } from "@/lib/resources";
import { DEFAULT_BRANCH, type Stream, streamQuery } from "@/lib/streams";
import styles from "./connect.module.css";
import { API_WAYS, SDK_WAYS, type Way } from "./ways";

interface ConnectProps {
  rid: string;
  /** The branch, where the path of the page names one. */
  branch: string | undefined;
}

/** The ways to get records into a stream. */
export function Connect({ rid, branch }: ConnectProps) {
  const stream = useQuery(streamQuery(useApi(), rid, branch ?? DEFAULT_BRANCH));
  const located = useLocated(rid);

  if (stream.isPending) return <Loading what="the stream" />;
  if (stream.isError) return <Failed error={stream.error} isPage retry={stream.refetch} />;

  const search = branch === undefined ? {} : { branch };
  const name = located.data?.resource.displayName ?? "the stream";
  return (
    <>
      <PageHeader
        actions={
          <ButtonLink params={{ rid }} search={search} text="View stream" to="/streams/$rid" />
        }
        breadcrumbs={
          <Trail folders={located.data?.ancestors ?? []}>
            <Link
              activeOptions={{ exact: true }}
              key="stream"
              params={{ rid }}
              search={search}
              to="/streams/$rid"
            >
              {name}
            </Link>
          </Trail>
        }
        description={<Facts stream={stream.data} />}
        title="Connect"
      />
      <Ways
        help="Ready-made code that gets a token and pushes a record that fits your schema. Choose what you work with."
        rid={rid}
        search={search}
        title="Connect via API"
        ways={API_WAYS}
      />
      <Ways
        help="Palantir's own clients for Foundry Streams work with this server as they are."
        rid={rid}
        search={search}
        title="Connect via SDK"
        ways={SDK_WAYS}
      />
    </>
  );
}

function Facts({ stream }: { stream: Stream }) {
  const fields = stream.schema.fields.length;
  return (
    <>
      Branch <strong>{stream.branchName}</strong> · {plural(fields, "field")} ·{" "}
      {plural(stream.partitionsCount, "partition")}
    </>
  );
}

interface WaysProps {
  title: string;
  help: string;
  ways: readonly Way[];
  rid: string;
  search: { branch?: string };
}

function Ways({ title, help, ways, rid, search }: WaysProps) {
  return (
    <section aria-label={title} className={styles.section}>
      <h2 className={styles.title}>{title}</h2>
      <p className={styles.help}>{help}</p>
      <ul className={styles.ways}>
        {ways.map((way) => (
          <li className={styles.way} key={way.language}>
            <span aria-hidden="true" className={styles.sign}>
              {way.sign}
            </span>
            <span className={styles.words}>
              <Link
                className={styles.link}
                params={{ rid, language: way.language }}
                search={search}
                to="/streams/$rid/push/$language"
              >
                {way.name}
              </Link>
              <span className={styles.about}>{way.about}</span>
            </span>
            <ChevronRightIcon aria-hidden="true" className={styles.arrow} />
          </li>
        ))}
      </ul>
    </section>
  );
}
