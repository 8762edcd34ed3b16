import Serialisation
import TestSupport
import Testing

@Suite("hekta fit")
struct FitCommandTests {
  func data(_ name: String) -> String { HektaProcess.resource("Reference/data/\(name)").path }

  @Test("a misspelt column is answered with the nearest and exit 64")
  func unknownColumn() throws {
    let outcome = try HektaProcess.run(["fit", "lm", "bwt ~ agee", "--data", data("birthwt.csv")])
    #expect(outcome.status == 64)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("did you mean `age`?"))
  }

  @Test("a formula that does not parse is answered with its place and exit 64")
  func malformedFormula() throws {
    let outcome = try HektaProcess.run(["fit", "lm", "bwt ~ age +", "--data", data("birthwt.csv")])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("^"))
  }

  @Test("an option without meaning for the model is refused")
  func optionWithoutMeaning() throws {
    let outcome = try HektaProcess.run(
      ["fit", "lm", "bwt ~ age", "--data", data("birthwt.csv"), "--ties", "efron"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("--ties has no meaning for lm"))
  }

  @Test("rows whose filter cannot be decided are counted apart")
  func filter() throws {
    let outcome = try HektaProcess.run([
      "fit", "lm", "Temp ~ Wind", "--data", data("airquality.csv"), "--where", "Ozone > 20", "--format",
      "json",
    ])
    let report = try JSONValue(parsing: outcome.output)
    // R: sum(airquality$Ozone > 20, na.rm = TRUE) is 79, sum(is.na(airquality$Ozone)) 37.
    #expect(report["n"] == .integer(79))
    #expect(report["nFiltered"] == .integer(37))
  }

  /// R 4.2.2: `nrow(subset(airquality, Month %in% c(5, 6)))`, and geepack 1.3.9 on lme4's cbpp, exchangeable.
  @Test("a filter among numbers, and estimating equations of shares with their trials")
  func amongNumbers() throws {
    let filtered = try HektaProcess.run([
      "fit", "lm", "Temp ~ Wind", "--data", data("airquality.csv"), "--where", "Month %in% c(5, 6)",
      "--format",
      "json",
    ])
    #expect(try JSONValue(parsing: filtered.output)["n"] == .integer(61))
    let shares = try HektaProcess.run([
      "fit", "gee", "cbind(incidence, size - incidence) ~ factor(period)", "--data", data("cbpp.csv"), "--id",
      "herd", "--family", "binomial", "--corstr", "exchangeable", "--format", "json",
    ])
    let report = try JSONValue(parsing: shares.output)
    let row = try #require(report["coefficients"]?.elements.first)
    expectClose(row["estimate"]!.double!, -1.27029518649174, relative: 1e-6)
    expectClose(row["std.error"]!.double!, 0.275598782489595, relative: 1e-5)
  }

  @Test("the result does not depend on the locale")
  func locale() throws {
    let line = ["fit", "lm", "Fertility ~ Education", "--data", data("swiss.csv"), "--format", "json"]
    let plain = try HektaProcess.run(line)
    let norwegian = try HektaProcess.run(line, environment: ["LC_ALL": "nb_NO.UTF-8", "LANG": "nb_NO.UTF-8"])
    #expect(plain.status == 0)
    #expect(plain.output == norwegian.output)
  }

  @Test("text, CSV and Markdown hold the coefficients")
  func formats() throws {
    let line = ["fit", "lm", "Fertility ~ Education", "--data", data("swiss.csv"), "--format"]
    #expect(
      try HektaProcess.run(line + ["csv"]).output.hasPrefix("term,estimate,std.error,statistic,df,p.value"))
    #expect(try HektaProcess.run(line + ["markdown"]).output.contains("| Education |"))
    let text = try HektaProcess.run(line + ["text"]).output
    #expect(text.contains("47 rows used"))
    #expect(text.contains("status: ok"))
  }

  @Test("predictions stand on the response scale with their limits")
  func predictions() throws {
    let outcome = try HektaProcess.run([
      "fit", "lm", "dist ~ speed", "--data", data("swiss.csv"), "--predict", data("swiss.csv"),
    ])
    #expect(outcome.status == 64)
    let good = try HektaProcess.run([
      "fit", "lm", "Fertility ~ Education", "--data", data("swiss.csv"), "--predict", data("swiss.csv"),
      "--format", "json",
    ])
    let row = try #require(JSONValue(parsing: good.output)["predictions"]?.elements.first)
    // R 4.2.2: predict(lm(Fertility ~ Education, swiss), se.fit = TRUE, interval = "confidence")[1, ].
    #expect(abs((row["fit"]?.double ?? 0) - 69.26185502) < 1e-6)
    #expect(abs((row["conf.low"]?.double ?? 0) - 66.47078526) < 1e-6)
  }
}
