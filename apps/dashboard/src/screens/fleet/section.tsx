// How does a part of the fleet look, and a table in it?
import type { ComponentChildren, JSX } from 'preact';

export function Section({ title, empty = false, children }: { title: string; empty?: string | false; children: ComponentChildren }): JSX.Element {
  return (
    <section>
      <h2>{title}</h2>
      {empty ? <p class="quiet">{empty}</p> : children}
    </section>
  );
}

export function Table({ label, columns, children }: { label: string; columns: readonly string[]; children: ComponentChildren }): JSX.Element {
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label={label}>
      <table class="table">
        <thead><tr>{columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
