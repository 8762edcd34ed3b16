import Testing
import TrialData

@testable import TrialAnalysis

@Suite("Equations between the numbers of participants")
struct FlowEquationTests {
  private static let frames: Swift.Result<(TrialFrames, [CompletedAnalysis]), any Error> = Swift.Result {
    let directory = HelpTrial.fixture("help")
    let plan = try PlanRunner.plan(path: directory + "/plan.yml")
    let runner = PlanRunner(plan: plan, dataDirectory: directory)
    let frames = try runner.prepare(codebook: Codebook(path: directory + "/codebook.yml")).frames
    return (frames, try HelpTrial.outcome.get().run.analyses)
  }

  /// The names of the edges that break when records of the HELP trial's run are changed.
  private func broken(_ change: (inout Result) -> Void) throws -> [String] {
    var (frames, analyses) = try Self.frames.get()
    for a in analyses.indices {
      for r in analyses[a].results.indices { change(&analyses[a].results[r]) }
    }
    return FlowEquations(analyses, frames).all.filter { !$0.holds }.map(\.name)
  }

  @Test("every equation of the HELP trial holds, and each analysis has its edges")
  func hold() throws {
    let (frames, analyses) = try Self.frames.get()
    let equations = FlowEquations(analyses, frames).all
    let broken = equations.filter { !$0.holds }
    #expect(broken.isEmpty)
    #expect(try HelpTrial.outcome.get().run.equations == equations)
    for id in [
      "flow", "baseline", "linkage-risk", "linkage-logistic", "linkage-km", "linkage-logrank", "linkage-cox",
      "cesd-lmm",
    ] {
      #expect(equations.contains { $0.left.name.hasPrefix(id) || $0.right.name.hasPrefix(id) }, "\(id)")
    }
  }

  @Test("a participant who is lost, added or moved breaks the edges it touches, and no other")
  func mutations() throws {
    let allocated = try broken { if $0.id == "flow/yes/allocated:count" { $0.estimate! -= 1 } }
    #expect(
      allocated == [
        "flow: randomised = flow: allocated, all arms",
        "flow: allocated (yes) = flow: stated as allocated (yes)",
        "flow: allocated (yes) = flow: left the set + without outcome + analysed (yes)",
      ])
    let randomised = try broken { if $0.id == "flow/all/randomised:count" { $0.estimate! += 1 } }
    #expect(randomised.first == "help_baseline.csv: rows = flow: randomised")
    let baseline = try broken { if $0.id == "baseline/no/participants:count" { $0.estimate! -= 1 } }
    #expect(baseline.first == "baseline: participants (no) = set randomised (no)")
    let risk = try broken { if $0.id == "linkage-risk.observed/yes/risk" { $0.n! -= 1 } }
    #expect(
      risk == [
        "linkage-risk.observed: used + left out (yes) = set randomised (yes)",
        "flow: analysed (yes) = linkage-risk.observed: n (yes)",
      ])
    let curve = try broken { if $0.id == "linkage-km/no/curve@0:survival" { $0.n! -= 1 } }
    #expect(curve == ["linkage-km: at risk at time 0 (no) = linkage-km: participants with a time (no)"])
    let mixed = try broken { if $0.id == "cesd-lmm/yes/participants:count" { $0.n! += 1 } }
    #expect(mixed == ["cesd-lmm: used + left out (yes) = set randomised (yes)"])
    let hazard = try broken { if $0.analysis == "linkage-cox", $0.n != nil { $0.n! -= 1 } }
    #expect(hazard.contains("linkage-cox.crude: used + left out = set randomised"))
  }

  @Test("a run whose numbers disagree ends, and names the edge")
  func stated() throws {
    let directory = HelpTrial.fixture("help")
    let text = try TextFile(path: directory + "/plan.yml").text.replacing("\"no\": 235", with: "\"no\": 236")
    let plan = try PlanReader.read(text, file: "plan.yml", sha256: "")
    let error = #expect(throws: DataError.self) {
      try PlanRunner(plan: plan, dataDirectory: directory).run(codebook: directory + "/codebook.yml")
    }
    #expect(
      error?.problems.map(\.description) == [
        "plan.yml: flow: allocated (no) = flow: stated as allocated (no): 235 and 236, equal numbers of participants expected [equation]"
      ])
  }
}
