import Serialisation
import Testing

@Suite("hekta test")
struct TestCommandTests {
  func data(_ name: String) -> String { HektaProcess.resource("Reference/data/\(name)").path }

  @Test("a misspelt test or column is answered with the nearest and exit 64")
  func misspelt() throws {
    let test = try HektaProcess.run(["test", "wilcoxn", "bwt ~ smoke", "--data", data("birthwt.csv")])
    #expect(test.status == 64 && test.errors.contains("wilcoxon") && test.output.isEmpty)
    let column = try HektaProcess.run(["test", "t", "bwt ~ smok", "--data", data("birthwt.csv")])
    #expect(column.status == 64 && column.errors.contains("did you mean `smoke`?"))
  }

  @Test("a formula without data, counts that cannot be, and options without meaning are usage errors")
  func usage() throws {
    #expect(try HektaProcess.run(["test", "t", "bwt ~ smoke"]).status == 64)
    #expect(try HektaProcess.run(["test", "proportions", "--x", "9,1", "--n", "5,5"]).status == 64)
    #expect(try HektaProcess.run(["test", "proportions", "--x", "a,1", "--n", "5,5"]).status == 64)
    let method = try HektaProcess.run([
      "test", "proportions", "--x", "1,2", "--n", "5,5", "--method", "newcomb",
    ])
    #expect(method.status == 64 && method.errors.contains("newcombe"))
    let option = try HektaProcess.run([
      "test", "kruskal", "bwt ~ race", "--data", data("birthwt.csv"), "--mu", "1",
    ])
    #expect(option.status == 64 && option.errors.contains("--mu has no meaning"))
  }

  @Test("data that leave nothing to test are bad data")
  func nothingToTest() throws {
    let outcome = try HektaProcess.run([
      "test", "shapiro", "smoke ~ 1", "--data", data("birthwt.csv"), "--where", "smoke == 1",
    ])
    #expect(outcome.status == 65 && outcome.errors.contains("does not vary"))
  }

  @Test("text says what was compared, estimate, limits, p and conventions")
  func text() throws {
    let outcome = try HektaProcess.run(["test", "proportions", "--x", "36,33", "--n", "91,96"])
    #expect(outcome.status == 0)
    for words in [
      "risk difference, group 1 - group 2: 0.05185 (95 % CI -0.08512 to 0.1867) [Newcombe hybrid score]",
      "odds ratio, group 1 / group 2: 1.25 (95 % CI 0.6893 to 2.265) [Woolf log]", "conventions:",
    ] { #expect(outcome.output.contains(words)) }
  }

  @Test("warnings stand in the result and on standard error")
  func warnings() throws {
    let outcome = try HektaProcess.run([
      "test", "proportions", "--x", "0,6", "--n", "20,22", "--format", "json",
    ])
    #expect(outcome.status == 0)
    let report = try JSONValue(parsing: outcome.output)
    #expect((report["warnings"]?.elements.count ?? 0) >= 2)
    #expect(outcome.errors.contains("no events in group 1"))
  }

  @Test("CSV holds a row for every contrast, Markdown the same lines as text")
  func formats() throws {
    let line = ["test", "proportions", "--x", "36,33", "--n", "91,96", "--format"]
    let csv = try HektaProcess.run(line + ["csv"]).output
    #expect(csv.hasPrefix("measure,") && csv.contains("\noddsRatio,"))
    #expect(
      try HektaProcess.run(line + ["markdown"]).output.contains("- risk ratio, group 1 / group 2: 1.151"))
  }
}
