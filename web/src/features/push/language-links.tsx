import { Link } from "@tanstack/react-router";
import { LANGUAGES, type LanguageId } from "./code/programs";
import styles from "./push-data.module.css";

interface LanguageLinksProps {
  current: LanguageId;
  rid: string;
  search: { branch?: string };
}

/** The same page for each language. */
export function LanguageLinks({ current, rid, search }: LanguageLinksProps) {
  return (
    <nav aria-label="Language" className={styles.languages}>
      {Object.entries(LANGUAGES).map(([language, { name }]) => (
        <Link
          aria-current={language === current ? "page" : undefined}
          className={styles.language}
          key={language}
          params={{ rid, language }}
          replace
          search={search}
          to="/streams/$rid/push/$language"
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
