import { Link, Outlet } from "@tanstack/react-router";
import { Logo } from "@/components/logo";
import { useUser } from "@/lib/session";
import { entriesFor } from "./entries";
import { NarrowMenu } from "./narrow-menu";
import styles from "./shell.module.css";
import { ThemeMenu } from "./theme-menu";
import { UserMenu } from "./user-menu";

/** The bar at the top of every page, and the page below it. */
export function Shell() {
  const entries = entriesFor(useUser());
  return (
    <>
      <a className={styles.skip} href="#main">
        Skip to the content
      </a>
      <header className={styles.bar}>
        <Link className={styles.brand} to="/projects">
          <Logo />
          Sluiceway
        </Link>
        <nav aria-label="Main" className={styles.nav}>
          {entries.map((entry) => (
            <Link key={entry.label} {...entry.link}>
              {entry.label}
            </Link>
          ))}
        </nav>
        <div className={styles.space} />
        <ThemeMenu />
        <UserMenu />
        <div className={styles.narrowOnly}>
          <NarrowMenu entries={entries} />
        </div>
      </header>
      <main className={styles.main} id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}
