import Testing
import TrialData
import Yams

@testable import TrialBatch

@Suite("Edits of a plan")
struct PlanEditTests {
  static let plan = """
    seed: 1
    sets:
      - {id: randomised}
      - {id: treated, from: randomised, exclude: [{id: gone, reason: Gone, where: gone == 1}]}
    derive:
      - employment: {sustained-days: 91}
    analyses:
      - {id: a, kind: logistic, outcome: y, event: "1", covariates: [x]}
      - {id: b, kind: cox, outcome: y, variants: [{id: v, covariates: [x]}, {id: w}]}
      - {id: c, kind: baseline, covariates: [x, z]}
    tables:
      - {id: a, of: a}
      - {id: both, of: [a, b]}
    published:
      - {label: L, beside: a}
    """

  private func edited(_ edit: (inout PlanEdit) throws -> Void) throws -> Node {
    var plan = try PlanEdit(Self.plan, file: "plan.yml")
    try edit(&plan)
    return try #require(try Yams.compose(yaml: plan.text()))
  }

  @Test("an unedited plan keeps its keys, their order and texts that look like numbers")
  func roundTrip() throws {
    let node = try edited { _ in }
    #expect(node == (try Yams.compose(yaml: Self.plan)))
    // Quoted texts stay texts: an event "1" is a level.
    #expect(node["analyses"]?[0]?["event"]?.scalar?.string == "1")
  }

  @Test("analyses that stay, and what refers to the others goes")
  func analyses() throws {
    let node = try edited {
      try $0.keepAnalyses(["a"])
      $0.dropPublished()
    }
    #expect(node["analyses"]?.sequence?.count == 1)
    #expect(node["tables"]?.sequence?.map { $0["id"]?.scalar?.string } == ["a"])
    #expect(node["published"] == nil)
    #expect(throws: PlanEdit.Mismatch(path: "analyses", reason: "no analysis 'aa', 'a' expected")) {
      try self.edited { try $0.keepAnalyses(["aa"]) }
    }
  }

  @Test("a filter stands first in the sets that start from everybody")
  func filter() throws {
    let sets = try #require(try edited { $0.keepParticipants(where: "age < 40") }["sets"]?.sequence)
    #expect(sets[0]["exclude"]?[0]?["where"]?.scalar?.string == "is.na(age < 40) | !(age < 40)")
    #expect(sets[1]["exclude"]?.sequence?.count == 1)
  }

  @Test("covariates are replaced where an analysis adjusts, not where it describes")
  func covariates() throws {
    let analyses = try #require(try edited { try $0.setCovariates(["p", "q"]) }["analyses"]?.sequence)
    func names(_ node: Node?) -> [String]? { node?.sequence.map { $0.compactMap { $0.scalar?.string } } }
    #expect(names(analyses[0]["covariates"]) == ["p", "q"])
    #expect(names(analyses[1]["variants"]?[0]?["covariates"]) == ["p", "q"])
    #expect(analyses[1]["variants"]?[1]?["covariates"] == nil)
    #expect(names(analyses[2]["covariates"]) == ["x", "z"])
    #expect(throws: PlanEdit.Mismatch.self) {
      try self.edited {
        try $0.keepAnalyses(["c"])
        try $0.setCovariates(["p"])
      }
    }
  }

  @Test(
    "values are set by path, items by number from 1 or by name; a path that the plan lacks is told with the nearest key"
  )
  func paths() throws {
    let node = try edited {
      try $0.set(path: "derive[1].employment.sustained-days", to: "30")
      try $0.set(path: "derive[employment].employment.types", to: "[a]")
      try $0.set(path: "analyses[b].ties", to: "breslow")
    }
    #expect(node["derive"]?[0]?["employment"]?["sustained-days"]?.scalar?.string == "30")
    #expect(node["derive"]?[0]?["employment"]?["types"]?[0]?.scalar?.string == "a")
    #expect(node["analyses"]?[1]?["ties"]?.scalar?.string == "breslow")
    for (path, reason) in [
      ("analyse[b].ties", "the plan has no 'analyse', 'analyses' expected"),
      ("analyses[z].ties", "the plan's list of 3 has no [z]"),
      ("analyses[4].ties", "the plan's list of 3 has no [4]"),
      ("analyses[0].ties", "lists count from 1, so that [0] is none"), ("seed[1]", "no list before [1]"),
      ("seed.x", "nothing with keys before 'x'"), ("", "a key is missing"),
    ] {
      #expect(throws: PlanEdit.Mismatch(path: path, reason: reason)) {
        try self.edited { try $0.set(path: path, to: "1") }
      }
    }
  }
}
