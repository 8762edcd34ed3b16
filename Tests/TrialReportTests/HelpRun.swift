import TrialAnalysis

@testable import TrialReport

/// A run on the HELP trial as the analyses would hand it over.
enum HelpRun {
  static func run() -> AnalysisRun {
    var run = AnalysisRun(
      title: Label(
        "Health intervention for patients in detoxification: the HELP trial",
        nb: "Helsetiltak for pasienter i avrusning: HELP-studien"),
      trial: "help",
      arms: [
        .init("no", Label("Usual care", nb: "Vanlig oppfølging")),
        .init("yes", Label("Health intervention", nb: "Helsetiltak")),
      ], planSHA256: "4f2a9c1e7b3d5a6088c1f0e2d3b4a59687706152433425160718293a4b5c6d7e",
      softwareVersion: "0.1.0")
    run.dataSource = Label("R package mosaicData", nb: "R-pakken mosaicData")
    run.inputs = [
      .init(file: "help_baseline.csv", sha256: String(repeating: "9ab3", count: 16), rows: 470),
      .init(file: "help_followup.csv", sha256: String(repeating: "07de", count: 16), rows: 1600),
    ]
    run.analyses = analyses()
    run.published = [
      PublishedValue(
        Label("Odds ratio of linkage", nb: "Oddsratio for kontakt"), measure: .oddsRatio, estimate: 6.4,
        low: 4.1,
        high: 10.0, source: "Samet et al., Addiction 2003;98:509–516.",
        resultID: "linkage-risk/yes / no/odds-ratio")
    ]
    run.seed = 2003
    return run
  }

  static func analysis(_ id: String) -> CompletedAnalysis { analyses().first { $0.id == id }! }

  private static func analyses() -> [CompletedAnalysis] {
    let link = VariableLabel(
      "link", Label("Linked to primary care", nb: "Kontakt med primærhelsetjenesten"))
    let cesd = VariableLabel(
      "CES_D", Label("Depressive symptoms (CES-D)", nb: "Depressive symptomer (CES-D)"))
    let drinks = VariableLabel(
      "avg_drinks", Label("Drinks a day", nb: "Alkoholenheter per dag"))
    let days = Label("days", nb: "dager")
    func analysis(
      _ id: String, _ kind: AnalysisKind, _ role: CompletedAnalysis.Role, _ english: String,
      _ norwegian: String,
      outcome: VariableLabel? = nil
    ) -> CompletedAnalysis {
      var analysis = CompletedAnalysis(id: id, kind: kind, role: role, title: Label(english, nb: norwegian))
      analysis.outcome = outcome
      analysis.variables = variables
      analysis.words = words
      analysis.results = records.filter { $0.analysis == id }
      analysis.variants = analysis.results.compactMap(\.variant).unique.map {
        .init($0, $0 == "crude" ? Label("Crude", nb: "Ujustert") : Label("Adjusted", nb: "Justert"))
      }
      if analysis.variants.count > 1 {
        analysis.covariates = ["age", "female", "homeless", "substance", "pcs", "mcs"]
      }
      if [.kaplanMeier, .logRank, .cox].contains(kind) { analysis.timeUnit = days }
      if kind == .mixedModel { analysis.timeUnit = Label("months", nb: "måneder") }
      return analysis
    }
    return [
      analysis("flow", .flow, .descriptive, "Participant flow", "Deltakerflyt"),
      analysis(
        "randomisation", .randomisation, .descriptive, "Checks of the randomisation",
        "Kontroll av randomiseringen"),
      analysis("baseline", .baseline, .descriptive, "Characteristics at baseline", "Kjennetegn ved start"),
      analysis(
        "linkage-risk", .risk, .primary, "Linkage to primary care", "Kontakt med primærhelsetjenesten",
        outcome: link),
      analysis(
        "linkage-logistic", .logistic, .primary, "Linkage, logistic regression",
        "Kontakt, logistisk regresjon", outcome: link),
      analysis("drinks", .means, .secondary, "Drinks a day", "Alkoholenheter per dag", outcome: drinks),
      analysis("linkage-km", .kaplanMeier, .secondary, "Time to linkage", "Tid til kontakt", outcome: link),
      analysis(
        "linkage-logrank", .logRank, .secondary, "Log-rank test of time to linkage",
        "Log-rank-test av tid til kontakt", outcome: link),
      analysis(
        "linkage-cox", .cox, .secondary, "Time to linkage, Cox regression", "Tid til kontakt, Cox-regresjon",
        outcome: link),
      analysis(
        "cesd-lmm", .mixedModel, .secondary, "Depressive symptoms over time", "Depressive symptomer over tid",
        outcome: cesd),
    ]
  }

  private static let variables: [VariableLabel] = [
    VariableLabel("age", Label("Age", nb: "Alder"), unit: Label("years", nb: "år")),
    VariableLabel(
      "sex", Label("Sex", nb: "Kjønn"),
      levels: [.init("female", Label("Female", nb: "Kvinne")), .init("male", Label("Male", nb: "Mann"))]),
    VariableLabel("female", Label("Female", nb: "Kvinne")),
    VariableLabel(
      "homeless", Label("Housing", nb: "Bolig"),
      levels: [
        .init("homeless", Label("Homeless", nb: "Bostedsløs")),
        .init("housed", Label("Housed", nb: "Har bolig")),
      ]),
    VariableLabel(
      "substance", Label("Main substance", nb: "Hovedrusmiddel"),
      levels: [
        .init("alcohol", Label("Alcohol", nb: "Alkohol")), .init("cocaine", Label("Cocaine", nb: "Kokain")),
        .init("heroin", Label("Heroin")), .init("missing", Label("Not stated", nb: "Ikke oppgitt")),
      ]),
    VariableLabel(
      "racegrp", Label("Ethnicity", nb: "Etnisitet"),
      levels: [
        .init("black", Label("Black", nb: "Svart")),
        .init("hispanic", Label("Hispanic", nb: "Latinamerikansk")),
        .init("other", Label("Other", nb: "Annen")), .init("white", Label("White", nb: "Hvit")),
      ]),
    VariableLabel("pcs", Label("Physical component score (SF-36)", nb: "Fysisk skår (SF-36)")),
    VariableLabel("mcs", Label("Mental component score (SF-36)", nb: "Psykisk skår (SF-36)")),
    VariableLabel("cesd", Label("Depressive symptoms (CES-D)", nb: "Depressive symptomer (CES-D)")),
    VariableLabel("avg_drinks", Label("Drinks a day", nb: "Alkoholenheter per dag")),
    VariableLabel("link", Label("Linked to primary care", nb: "Kontakt med primærhelsetjenesten")),
    VariableLabel("visit", Label("Visit", nb: "Måletidspunkt")),
  ]

  private static let words: [VariableLabel.Level] = [
    .init("withdrawn", Label("Withdrew consent", nb: "Trakk samtykket")),
    .init("ID", Label("participant", nb: "deltaker")),
    .init("6", Label("6 months", nb: "6 måneder")), .init("12", Label("12 months", nb: "12 måneder")),
    .init("18", Label("18 months", nb: "18 måneder")), .init("24", Label("24 months", nb: "24 måneder")),
    .init("0", Label("Baseline", nb: "Start")),
  ]

  static let records: [Result] = HelpRecords.lines.split(separator: "\n").map(record)

  private static func record(_ line: Substring) -> Result {
    let fields = line.split(separator: "^", omittingEmptySubsequences: false).map(String.init)
    func text(_ i: Int) -> String? { i < fields.count && !fields[i].isEmpty ? fields[i] : nil }
    func number(_ i: Int) -> Double? { text(i).flatMap(Double.init) }
    var record = Result(
      analysis: fields[0], measure: Result.Measure(rawValue: fields[2])!, group: text(3), contrast: text(4),
      term: text(5), time: number(6), estimate: number(7), n: number(16).map { Int($0) })
    record.variant = text(1)
    record.standardError = number(8)
    record.df = number(9)
    record.df2 = number(10)
    record.statistic = number(11)
    record.pValue = number(12)
    record.low = number(13)
    record.high = number(14)
    record.level = number(15)
    record.events = number(17).map { Int($0) }
    record.method = text(18)
    record.formula = text(19)
    record.conventions = (text(20) ?? "").split(separator: ";").map {
      let parts = $0.split(separator: "=", maxSplits: 1).map(String.init)
      return .init(parts[0], parts[1])
    }
    return record
  }
}
