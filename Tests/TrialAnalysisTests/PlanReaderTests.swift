import Testing
import TrialData

@testable import TrialAnalysis

@Suite("Reading a plan")
struct PlanReaderTests {
  private static let minimal = """
    trial: {id: t, title: T}
    data:
      people: {file: people.csv, key: id}
    arms:
      column: group
      control: no
      levels: [{value: yes}, {value: no}]
    analyses:
      - id: flow
        kind: flow
        title: Flow

    """

  private func read(_ text: String) throws -> Plan {
    try PlanReader.read(text, file: "plan.yml", sha256: "00")
  }

  /// The messages of the faults in a plan.
  private func faults(_ text: String) -> [String] {
    do {
      _ = try read(text)
      return []
    } catch let error as DataError {
      return error.description.split(separator: "\n").map(String.init)
    } catch {
      return ["\(error)"]
    }
  }

  @Test("A minimal plan has the documented defaults, and levels stay as they are written")
  func defaults() throws {
    let plan = try read(Self.minimal)
    #expect(plan.language == .english)
    #expect(plan.level == 0.95)
    #expect(plan.seed == 1)
    #expect(plan.suppressionFloor == 0)
    // The control comes first, and `no` and `yes` are texts, not truth values.
    #expect(plan.arms.arms.map(\.code.value) == ["no", "yes"])
    #expect(plan.sets.map(\.id.value) == ["randomised"])
    #expect(plan.analyses[0].role == .descriptive)
    #expect(plan.analyses[0].variants.count == 1)
  }

  @Test("Covariates without variants make a crude and an adjusted part")
  func crudeAndAdjusted() throws {
    let plan = try read(
      Self.minimal + """
          - {id: odds, kind: logistic, title: Odds, outcome: y, covariates: [age, sex]}
          - id: risks
            kind: risk
            title: Risks
            outcome: y
            variants: [{id: a}, {id: b, missing: non-event}]
        """)
    #expect(plan.analyses[1].variants.map(\.id) == ["crude", "adjusted"])
    #expect(plan.analyses[1].variants.map { $0.covariates.map(\.value) } == [[], ["age", "sex"]])
    #expect(plan.analyses[2].variants.map(\.missing) == [.exclude, .nonEvent])
  }

  @Test("An unknown key is an error with line, column and the nearest key")
  func unknownKey() {
    let text = Self.minimal.replacing("  control: no\n", with: "  control: no\n  colum: x\n")
    #expect(faults(text) == ["plan.yml:7:3: arms.colum: unknown key 'colum', 'column' expected"])
  }

  @Test("All faults are told at once, in the order of the file")
  func allFaults() {
    let text = """
      trial: {id: t}
      language: norsk
      data: {people: {file: people.csv, key: id}}
      arms: {column: group, control: none, levels: [{value: a}, {value: b}]}
      analyses:
        - {id: x, kind: coxx, title: X}
        - {id: y, kind: risk, title: Y}
        - {id: z, kind: baseline, title: Z, set: mitt, covariates: [a]}
      """
    let found = faults(text)
    #expect(found.count == 6)
    #expect(found[0] == "plan.yml:1:1: trial: no 'title', a value for 'title' expected")
    #expect(found[1] == "plan.yml:2:1: language: found 'norsk', one of en, nb expected")
    #expect(found[2] == "plan.yml:4:23: arms.control: found 'none', one of a, b expected")
    #expect(found[3] == "plan.yml:6:13: analyses[1].kind: found 'coxx', 'cox' expected")
    #expect(
      found[4].hasSuffix(
        "analyses[2]: no 'outcome', a value for 'outcome' expected in an analysis of kind risk"))
    #expect(found[5].contains("analyses[3].set: found 'mitt'"))
  }

  @Test(
    "Values of another type name what was found",
    arguments: [
      ("seed: many", "found 'many', a whole number expected"),
      ("seed: -3", "found '-3', a whole number from 0 expected"),
      ("confidence-level: 95", "a level between 0 and 1 expected"),
      ("window: {months: 18, days: 548}", "both of months and days, one of them expected"),
      ("estimands: x", "found 'x', a list expected"),
      ("rounding: 3", "found '3', keys with values expected"),
      ("seed: 1\nseed: 2", "the key 'seed' twice, YAML expected"),
    ])
  func wrongValues(_ lines: String, _ message: String) {
    let found = faults(lines + "\n" + Self.minimal)
    #expect(found.count >= 1)
    #expect(
      found.contains { $0.contains(message) } || message.contains("twice") && found[0].contains("not YAML"))
  }

  @Test("Text that is no YAML, and an empty file, are errors with a place")
  func notYAML() {
    #expect(faults("trial: [").first?.hasPrefix("plan.yml:") == true)
    #expect(faults("") == ["plan.yml:1:1: found nothing, keys with values expected"])
  }

  @Test("A set may only start from one above it")
  func setOrder() {
    let text =
      Self.minimal + """
        sets:
          - {id: a, from: b}
          - {id: b}
        """
    #expect(faults(text).first?.contains("sets[1].from: no set 'b' above") == true)
  }

  @Test("The templates and fixtures are plans", arguments: Self.plans)
  func isPlan(_ path: String) throws {
    let plan = try PlanRunner.plan(path: HelpTrial.fixture("../" + path))
    #expect(!plan.analyses.isEmpty)
    #expect(plan.sha256.count == 64)
  }

  private static let plans = [
    "Fixtures/help/plan.yml", "Fixtures/pbc/plan.yml", "Sources/TrialSimulation/Templates/hekta-plan.yml",
    "Sources/TrialSimulation/Templates/blank-plan.yml",
  ]
}
