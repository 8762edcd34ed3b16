import Foundation
import Serialisation
import TestSupport
import Testing

@Suite("hekta fit lmm, glmm, mmrm")
struct MixedModelCommandTests {
  /// The report of a fit to one of the reference data sets.
  func report(_ model: String, _ formula: String, _ file: String, _ options: String...) throws -> JSONValue {
    let path = HektaProcess.resource("Reference/data/\(file)").path
    let outcome = try HektaProcess.run(
      ["fit", model, formula, "--data", path, "--format", "json"] + options)
    #expect(outcome.status == 0)
    return try JSONValue(parsing: outcome.output)
  }

  func number(_ value: JSONValue?) -> Double { value?.double ?? .nan }

  /// Compares `anova` rows with those of R: term, df2, F.
  func expectTests(_ report: JSONValue, _ expected: [(term: String, df2: Double, statistic: Double)]) {
    guard case .array(let rows)? = report["anova"] else {
      Issue.record("no anova")
      return
    }
    #expect(rows.map { $0["term"] } == expected.map { .string($0.term) })
    for (row, want) in zip(rows, expected) {
      expectClose(number(row["df2"]), want.df2, relative: 1e-4, because: "lmerTest's numerical derivatives")
      expectClose(number(row["statistic"]), want.statistic, relative: 1e-5)
    }
  }

  // lmerTest 3.1-3, anova(lmer(...), type = 2) and (type = 3) with lmer's optimiser run to 1e-12.
  @Test("type 2 leaves out only effects with the same covariates")
  func typeTwoWithCovariate() throws {
    expectTests(
      try report("lmm", "Weight ~ Time*Cu + (1|Litter)", "dietox.csv", "--anova", "2"),
      [
        ("Time", 834.986334677, 14696.0398044), ("Cu", 839.656322994, 1.47805072475),
        ("Time:Cu", 834.944072930, 0.443766111255),
      ])
  }

  @Test("denominator df of terms of several columns are lmerTest's")
  func denominatorDF() throws {
    func tests(_ type: String) throws -> JSONValue {
      try report(
        "lmm", "log(total.fruits + 1) ~ status*nutrient + amd + (status|gen)", "arabidopsis.csv", "--factor",
        "nutrient", "--factor", "gen", "--anova", type)
    }
    expectTests(
      try tests("2"),
      [
        ("status", 25.5848095791, 3.224587925466), ("nutrient", 589.4750168418, 150.245441256499),
        ("amd", 580.5019028607, 11.111219695980), ("status:nutrient", 547.1265029155, 0.171486405011),
      ])
    expectTests(
      try tests("3"),
      [
        ("status", 19.7349837432, 3.280304878466), ("nutrient", 528.6756749024, 103.408272570336),
        ("amd", 580.5019028607, 11.111219695980), ("status:nutrient", 547.1265029155, 0.171486405011),
      ])
  }

  @Test("standardised means that rest on the tail of the random effects are warned of")
  func tail() throws {
    // Six of forty people have counts about 20, the others none: exp(s²/2) with s near 9.
    var text = "id,arm,visit,y\n"
    for person in 0..<40 {
      for visit in 0..<3 {
        let count = [3, 8, 17, 22, 29, 36].contains(person) ? [20, 35, 15][visit] + person % 5 : 0
        text += "\(person),\(person % 2 == 1 ? "ips" : "control"),\(visit),\(count)\n"
      }
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("counts.csv")
    try Data(text.utf8).write(to: file)
    let outcome = try HektaProcess.run([
      "fit", "glmm", "y ~ arm + visit + (1|id)", "--data", file.path, "--family", "poisson", "--standardise",
      "arm", "--format", "json",
    ])
    #expect(try JSONValue(parsing: outcome.output)["warnings"]?.elements.isEmpty == false)
    #expect(outcome.errors.contains("more than twice the mean of the response"))

    let epil = try report(
      "glmm", "y ~ trt + lbase + (1|subject)", "epil.csv", "--family", "poisson", "--standardise", "trt")
    #expect(epil["warnings"] == .array([]))
  }
}
