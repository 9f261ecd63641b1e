import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, onTestFinished } from "vitest";
import { App, createParts } from "@/app";
import type { FakeServer } from "./fake-server";

/** Show the whole app at *path*, talking to *server*; wait until it shows a heading or a failure. */
export async function renderAt(path: string, server: FakeServer) {
  const history = createMemoryHistory({ initialEntries: [path] });
  const parts = createParts(server.fetch, history);
  const user = userEvent.setup();
  render(<App {...parts} />);
  await screen.findAllByRole("heading", undefined, { timeout: 15_000 });
  onTestFinished(() => expect(server.unexpected).toEqual([]));
  return { ...parts, user };
}
