import Serialisation
import Testing

@Suite("hekta fit --bootstrap")
struct BootstrapOptionTests {
  private var births: [String] {
    ["--data", HektaProcess.resource("Reference/data/birthwt.csv").path, "--format", "json"]
  }

  private func bootstrap(_ more: String...) throws -> [JSONValue] {
    let outcome = try HektaProcess.run(
      ["fit", "glm", "low ~ age + lwt", "--family", "binomial", "--bootstrap", "400"] + more + births)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONValue(parsing: outcome.output)["bootstrap"]?.elements ?? []
  }

  @Test("adds errors and limits near the model's own, the same at every run")
  func errors() throws {
    let outcome = try HektaProcess.run(
      ["fit", "glm", "low ~ age + lwt", "--family", "binomial", "--bootstrap", "400"] + births)
    let report = try JSONValue(parsing: outcome.output)
    let rows = report["bootstrap"]?.elements ?? []
    let own = report["coefficients"]?.elements ?? []
    #expect(rows.count == 3)
    for (row, coefficient) in zip(rows, own) {
      #expect(row["term"] == coefficient["term"])
      #expect(row["estimate"]?.double == coefficient["estimate"]?.double)
      // 400 replicates know a standard error to some 4 %; bootstrap and model differ by as much again.
      let ratio = row["std.error"]!.double! / coefficient["std.error"]!.double!
      #expect(ratio > 0.75 && ratio < 1.35)
      #expect(row["conf.low"]!.double! < row["estimate"]!.double!)
      #expect(row["estimate"]!.double! < row["conf.high"]!.double!)
    }
    #expect(try bootstrap() == rows)
    #expect(try bootstrap("--bootstrap-seed", "2") != rows)
    #expect(try bootstrap("--resample-within", "smoke").count == 3)
    #expect(try bootstrap("--bootstrap-limits", "bca").allSatisfy { $0["conf.low"]?.double != nil })
  }

  @Test("is refused where it has no meaning")
  func refusals() throws {
    let curves = try HektaProcess.run(["fit", "quantile", "bwt ~ age", "--bootstrap", "10"] + births)
    #expect(curves.status == 64)
    #expect(curves.errors.contains("cox, glm, lm, lmm"))
    let few = try HektaProcess.run(["fit", "lm", "bwt ~ age", "--bootstrap", "1"] + births)
    #expect(few.status == 64)
    let alone = try HektaProcess.run(["fit", "lm", "bwt ~ age", "--resample-within", "smoke"] + births)
    #expect(alone.status == 64)
  }
}
