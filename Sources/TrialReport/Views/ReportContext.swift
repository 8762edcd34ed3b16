import TrialAnalysis

/// A run with the language and the number style of one report: what every view reads records and labels through.
public struct ReportContext: Sendable {
  public let run: AnalysisRun
  public let language: Language
  public let style: NumberStyle
  /// The conventions that differ within an analysis, by its id: its numbers then carry them one by one.
  let varying: [String: Set<String>]

  /// - Parameter language: the plan's language where nil.
  public init(_ run: AnalysisRun, language: Language? = nil) {
    self.run = run
    self.language = language ?? run.language
    style = NumberStyle(self.language, rounding: run.rounding)
    var varying: [String: Set<String>] = [:]
    for analysis in run.analyses {
      var choices: [String: Set<String>] = [:]
      for convention in analysis.results.flatMap(\.conventions) {
        choices[convention.name, default: []].insert(convention.choice)
      }
      varying[analysis.id] = Set(choices.filter { $0.value.count > 1 }.keys)
    }
    self.varying = varying
  }

  /// A word of the report.
  func text(_ term: Term) -> String { term.label[language] }

  /// A label in the report's language.
  func text(_ label: Label) -> String { label[language] }

  /// One of two wordings.
  func pick(_ english: String, _ norwegian: String) -> String {
    language == .english ? english : norwegian
  }

  /// The label of an arm; the code where the run has no such arm.
  func arm(_ code: String) -> String {
    run.arms.first { $0.code == code }.map { text($0.label) } ?? code
  }

  /// "(n = 235)", which no line breaks.
  func sized(_ count: String) -> String {
    "(n" + NumberStyle.hardSpace + "=" + NumberStyle.hardSpace + count + ")"
  }

  /// The position of an arm in the plan's order.
  func armIndex(_ code: String?) -> Int? { run.arms.firstIndex { $0.code == code } }

  /// The words of a comparison: "Intervention v Control" for `IPS - control` and `IPS / control`.
  func contrast(_ contrast: String) -> String {
    for sign in [" - ", " / "] {
      let sides = contrast.components(separatedBy: sign)
      if sides.count == 2 { return arm(sides[0]) + pick(" v ", " mot ") + arm(sides[1]) }
    }
    return contrast
  }

  /// The label of a variable with its unit.
  func variable(_ name: String, in analysis: CompletedAnalysis) -> String {
    guard let variable = variableLabel(name, in: analysis) else { return name }
    return text(variable.label) + (variable.unit.map { ", " + text($0) } ?? "")
  }

  /// The label of a level of a variable.
  func level(_ code: String, of name: String, in analysis: CompletedAnalysis) -> String {
    variableLabel(name, in: analysis)?.levels.first { $0.code == code }.map { text($0.label) } ?? code
  }

  /// The wording of a code that names no variable: a reason, a visit, a cause.
  func word(_ code: String, in analysis: CompletedAnalysis) -> String {
    analysis.words.first { $0.code == code }.map { text($0.label) } ?? code
  }

  /// The label of a part of an analysis.
  func variant(_ code: String, in analysis: CompletedAnalysis) -> String {
    if let label = analysis.variants.first(where: { $0.code == code })?.label { return text(label) }
    switch code {
    case "crude": return text(.crude)
    case "adjusted": return text(.adjusted)
    case "randomisation-test", "bootstrap": return ConventionWords.method(code, language)
    default: return code
    }
  }

  /// The outcome's label with its unit; the analysis's title where it has no outcome.
  func outcome(of analysis: CompletedAnalysis) -> String {
    guard let outcome = analysis.outcome else { return text(analysis.title) }
    return text(outcome.label) + (outcome.unit.map { ", " + text($0) } ?? "")
  }

  /// The label of a coefficient: R's names (`age`, `substancecocaine`, `armIPS:visit6`) taken apart into variable and level.
  func coefficient(_ term: String, in analysis: CompletedAnalysis) -> String {
    if term == "(Intercept)" { return text(.intercept) }
    if term == "arm" { return text(.armSpanner) }
    if term == "visit" { return text(.visit) }
    if term.contains(":") {
      return term.components(separatedBy: ":").map { coefficient($0, in: analysis) }.joined(separator: " × ")
    }
    if let exact = variableLabel(term, in: analysis) {
      return text(exact.label) + (exact.unit.map { ", " + text($0) } ?? "")
    }
    // The arm and the visit are columns of every analysis and in no codebook.
    if term.hasPrefix("arm"), let label = run.arms.first(where: { "arm" + $0.code == term })?.label {
      return text(label)
    }
    if term.hasPrefix("visit"), let visit = visit(String(term.dropFirst(5)), in: analysis) { return visit }
    // The longest variable name that the term begins with, followed by a level.
    let bare = term.hasPrefix("factor(") ? term.replacing("factor(", with: "").replacing(")", with: "") : term
    let owner = analysis.variables.filter { bare.hasPrefix($0.name) }.max { $0.name.count < $1.name.count }
    guard let owner else { return word(term, in: analysis) }
    let code = String(bare.dropFirst(owner.name.count))
    if owner.levels.count == 2, Self.isYes(code) { return text(owner.label) }
    let level = owner.levels.first { $0.code == code }.map { text($0.label) } ?? arm(code)
    return text(owner.label) + ": " + level
  }

  /// True for the code of the level that says a thing is so.
  static func isYes(_ code: String) -> Bool { ["yes", "ja", "1", "true"].contains(code.lowercased()) }

  /// A visit by its code: its own words, else its number with the unit.
  private func visit(_ code: String, in analysis: CompletedAnalysis) -> String? {
    let named = level(code, of: "visit", in: analysis)
    if named != code { return named }
    if word(code, in: analysis) != code { return word(code, in: analysis) }
    guard let number = Double(code) else { return nil }
    let unit = analysis.timeUnit.map { " " + text($0) } ?? ""
    return style.number(number, decimals: Ticks.decimalsNeeded(number)) + unit
  }

  private func variableLabel(_ name: String, in analysis: CompletedAnalysis) -> VariableLabel? {
    if let found = analysis.variables.first(where: { $0.name == name }) { return found }
    return analysis.outcome.flatMap { $0.name == name ? $0 : nil }
  }

  /// Where the numbers of a table come from, in one line.
  func provenance(_ analyses: [CompletedAnalysis]) -> String {
    let ids = analyses.map(\.id).joined(separator: ", ")
    let plan = pick("plan", "plan") + " " + run.planSHA256.prefix(12)
    let data = run.inputs.map { $0.file + " " + $0.sha256.prefix(12) }.joined(separator: ", ")
    return [
      pick("Analysis: ", "Analyse: ") + ids, plan, data, "hekta " + run.softwareVersion,
    ].filter { !$0.isEmpty }.joined(separator: " · ")
  }
}

extension String {
  /// The parts between occurrences of a separator.
  func components(separatedBy separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
