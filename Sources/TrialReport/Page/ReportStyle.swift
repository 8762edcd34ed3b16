/// The style of the page: one column that fits a phone, a desktop and paper.
enum ReportStyle {
  static let css = """
    :root { --ink: #1a1a1a; --soft: #5f5f5f; --line: #cfd3d8; --paper: #ffffff; --tint: #f4f6f8; --accent: #0064a3; }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body { margin: 0 auto; max-width: 54rem; padding: 1.25rem 1rem 4rem; color: var(--ink); background: var(--paper);
      font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
    h1 { font-size: clamp(1.5rem, 4.5vw, 2.1rem); line-height: 1.2; margin: 0.5rem 0 0.25rem; text-wrap: balance; }
    h2 { font-size: 1.3rem; line-height: 1.25; margin: 2.75rem 0 0.75rem; padding-top: 0.75rem; border-top: 2px solid var(--ink); }
    h3 { font-size: 1.05rem; margin: 1.25rem 0 0.4rem; }
    p, ul { margin: 0.5rem 0; }
    ul { padding-left: 1.25rem; }
    li, p { overflow-wrap: anywhere; }
    .subtitle { color: var(--soft); }
    .banner { margin: 0 0 1rem; padding: 0.6rem 0.9rem; border: 2px solid #b34700; border-radius: 4px; background: #fff4ec; font-weight: 600; }
    .notice { padding: 0.5rem 0.9rem; border-left: 4px solid #b34700; background: var(--tint); }
    nav ol { display: flex; flex-wrap: wrap; gap: 0.15rem 1.1rem; padding: 0; margin: 1rem 0 0; list-style: none; font-size: 0.9rem; }
    a { color: var(--accent); text-underline-offset: 0.15em; }
    a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
    .key { padding: 0.9rem 1.1rem 1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--tint); }
    .key + .key { margin-top: 1rem; }
    .key h3 { margin-top: 0; }
    .key dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem 1.25rem; margin: 0.75rem 0; }
    .key dl div { border-left: 4px solid; padding-left: 0.75rem; }
    .key dt { font-size: 0.9rem; color: var(--soft); }
    .key dd { margin: 0; color: var(--soft); font-variant-numeric: tabular-nums; }
    table.wide { font-size: 0.74rem; }
    table.wide th, table.wide td { padding-left: 0.3rem; padding-right: 0.3rem; }
    .key dd b { display: block; font-size: 1.7rem; line-height: 1.15; color: var(--ink); }
    .key ul { list-style: none; padding: 0; }
    .key li { padding: 0.1rem 0; font-variant-numeric: tabular-nums; }
    figure { margin: 1.5rem 0 2rem; }
    .scroll { overflow-x: auto; }
    svg { display: block; width: 100%; height: auto; }
    figcaption { font-size: 0.86rem; color: var(--soft); margin-top: 0.4rem; }
    figcaption p { margin: 0.15rem 0; max-width: 48rem; }
    figcaption b { color: var(--ink); }
    figcaption p.note { display: inline; margin-right: 0.6rem; }
    .provenance { font-size: 0.76rem; overflow-wrap: anywhere; }
    table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
    caption { text-align: left; font-weight: 600; padding: 0 0 0.45rem; }
    th, td { padding: 0.28rem 0.55rem; vertical-align: top; font-weight: 400; text-align: left; }
    thead th, thead td { vertical-align: bottom; font-weight: 600; }
    thead tr:first-child > * { border-top: 1.5px solid var(--ink); }
    thead tr:last-child > *, thead th[rowspan] { border-bottom: 1px solid var(--ink); }
    tbody tr:last-child > * { border-bottom: 1.5px solid var(--ink); }
    tbody td, .tight, td span { white-space: nowrap; }
    tbody td.leading { white-space: normal; }
    tbody th.leading { min-width: 9rem; }
    th.span { text-align: center; border-bottom: 1px solid var(--line); }
    .trailing { text-align: right; }
    .centre { text-align: center; }
    .heading th { font-weight: 600; padding-top: 0.6rem; }
    .indent1 { padding-left: 1.5rem; }
    .indent2 { padding-left: 2.5rem; }
    .indent3 { padding-left: 3.5rem; }
    sup { line-height: 0; font-size: 0.72em; padding-left: 0.1em; }
    @media (max-width: 40rem) {
      table { font-size: 0.82rem; }
      th, td { padding: 0.25rem 0.3rem; }
      td span { display: block; }
      tbody th.leading { min-width: 6.5rem; }
      .indent1 { padding-left: 1rem; }
      .indent2 { padding-left: 1.6rem; }
    }
    @media print {
      @page { margin: 16mm 15mm; }
      body { max-width: none; padding: 0; font-size: 10pt; }
      nav { display: none; }
      h2 { margin-top: 1.6rem; break-after: avoid; }
      h3, caption { break-after: avoid; }
      figure, .key { break-inside: avoid; }
      tr { break-inside: avoid; }
      .scroll { overflow: visible; }
      .key, .banner, .notice { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
      table { font-size: 8.5pt; }
      table.wide { font-size: 7pt; }
      td span { display: block; }
      svg { max-width: 125mm !important; min-width: 0 !important; }
      a { color: inherit; text-decoration: none; }
    }

    """
}
