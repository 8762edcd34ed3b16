/// The words of a randomisation audit.
extension Term {
  static let auditTitle = Term("Audit of the allocations", "Revisjon av tildelingene")
  static let verdict = Term("Verdict", "Vurdering")
  static let found = Term("Found", "Funnet")
  static let expected = Term("Expected", "Forventet")
  static let lines = Term("Lines of the file", "Linjer i filen")

  /// A verdict by its code.
  static func verdict(_ code: String) -> Term {
    switch code {
    case "pass": Term("passed", "i orden")
    case "warn": Term("warning", "advarsel")
    case "fail": Term("failed", "avvik")
    default: Term("not applicable", "ikke aktuelt")
    }
  }

  /// A check by its id.
  static func check(_ id: String) -> Term {
    switch id {
    case "duplicate-id": Term("Participants entered twice", "Deltakere ført to ganger")
    case "missing-arm": Term("Rows without an arm", "Rader uten gruppe")
    case "unknown-arm": Term("Rows with an unknown arm", "Rader med ukjent gruppe")
    case "date-order": Term("Dates against the order of the list", "Datoer mot listens rekkefølge")
    case "date-outside-window": Term("Dates outside the window", "Datoer utenfor perioden")
    case "baseline-after-randomisation":
      Term("Baseline after randomisation", "Inklusjonsmåling etter randomisering")
    case "allocation-ratio": Term("Numbers by arm (chi-squared)", "Antall per gruppe (kjikvadrat)")
    case "allocation-by-stratum":
      Term("Numbers by arm within strata, Holm-adjusted", "Antall per gruppe i strata, Holm-justert")
    case "allocation-over-time": Term("Largest imbalance on the way", "Største ubalanse underveis")
    case "runs": Term("Runs of one arm", "Serier av samme gruppe")
    case "block-structure": Term("Edits that the blocks need", "Rettelser som blokkene krever")
    case "predictability":
      Term("Guessed by the convergence strategy", "Gjettet med konvergensstrategien")
    case "selection-bias":
      Term("Selection bias (Berger–Exner)", "Seleksjonsskjevhet (Berger–Exner)")
    case "balance-omnibus":
      Term("Balance of all variables (Hansen–Bowers)", "Balanse over alle kjennetegn (Hansen–Bowers)")
    case "missing-by-arm": Term("Outcomes missing by arm", "Manglende utfall per gruppe")
    default: Term(id, id)
    }
  }
}
