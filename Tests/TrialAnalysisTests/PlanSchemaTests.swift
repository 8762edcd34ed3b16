import Testing
import TrialData
import Yams

@testable import TrialAnalysis

/// The editors' schema and the reader of plans must accept the same keys.
@Suite("The schema of plans")
struct PlanSchemaTests {
  private let schema: Node?

  init() throws {
    schema = try Yams.compose(yaml: TextFile(path: HelpTrial.fixture("../docs/plan.schema.json")).text)
  }

  /// The keys that the reader knows where a key that nothing resembles stands.
  private func known(_ text: String) throws -> Set<String> {
    do {
      _ = try PlanReader.read(text, file: "plan.yml", sha256: "")
    } catch {
      let fault = try #require(error.problems.first { $0.found.contains("qqqqqqqqqqqqqqqqqqqq") })
      let names = fault.expected.dropLast(" expected".count).split(separator: ",")
      return Set(names.map { $0.trimmingPrefix(" ") }.map(String.init))
    }
    return []
  }

  private func properties(_ node: Node?) -> Set<String> {
    Set(node?["properties"]?.mapping?.keys.compactMap(\.string) ?? [])
  }

  private static let odd = "qqqqqqqqqqqqqqqqqqqq: 1"

  @Test("Every kind of analysis", arguments: AnalysisKind.allCases)
  func analyses(_ kind: AnalysisKind) throws {
    let kinds = try #require(schema?["properties"]?["analyses"]?["items"]?["oneOf"]?.sequence)
    let own = try #require(kinds.first { $0["properties"]?["kind"]?["const"]?.string == kind.rawValue })
    let known = try known("analyses:\n  - kind: \(kind.rawValue)\n    \(Self.odd)\n")
    #expect(known == properties(own))
  }

  @Test("The plan itself and its parts")
  func parts() throws {
    let root = try #require(schema)
    #expect(try known(Self.odd) == properties(root))
    for (key, text) in [
      ("trial", "trial: {\(Self.odd)}"), ("arms", "arms: {\(Self.odd)}"),
      ("rounding", "rounding: {\(Self.odd)}"),
      ("window", "window: {\(Self.odd)}"), ("suppression", "suppression: {\(Self.odd)}"),
      ("verify", "verify: {\(Self.odd)}"),
      ("randomisation", "randomisation: {\(Self.odd)}"),
    ] {
      #expect(try known(text) == properties(root["properties"]?[key]))
    }
    for key in ["sets", "estimands", "tables", "figures", "published"] {
      #expect(try known("\(key): [{\(Self.odd)}]") == properties(root["properties"]?[key]?["items"]))
    }
    #expect(
      try known("data: {a: {\(Self.odd)}}")
        == properties(root["properties"]?["data"]?["additionalProperties"]))
  }

  @Test("The kinds of statistic that a tolerance can be given for")
  func tolerances() throws {
    let kinds = properties(schema?["properties"]?["verify"]?["properties"]?["tolerance"])
    #expect(kinds == Set(VerificationPlan.fields + Result.Measure.allCases.map(\.rawValue) + ["default"]))
  }
}
