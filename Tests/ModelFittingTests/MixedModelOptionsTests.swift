import Glibc
import ModelFitting
import ModelFormula
import Serialisation
import TestSupport
import Testing

/// Thirty people in two arms at three visits, with a yes-or-no outcome too.
private func people() -> DataFrame {
  var id: [String] = []
  var arm: [String] = []
  var visit: [String] = []
  var y: [Double] = []
  var well: [Double] = []
  for person in 0..<30 {
    let own = 3 * sin(Double(person) * 12.9898)
    for v in 0..<3 {
      let noise = sin(Double(person * 3 + v) * 78.233)
      id.append("p\(person)")
      arm.append(person % 2 == 0 ? "control" : "treated")
      visit.append("\(v)")
      y.append(10 + own + Double(v) + (person % 2 == 0 ? 0 : 0.8 * Double(v)) + 1.5 * noise)
      well.append(own + 2 * noise + (person % 2 == 0 ? 0 : Double(v)) > 0.5 ? 1 : 0)
    }
  }
  return DataFrame([
    ("id", .categorical(id)), ("arm", .categorical(arm)), ("visit", .categorical(visit)), ("y", .numeric(y)),
    ("well", .numeric(well)),
  ])
}

private func fit(
  _ model: String, _ formula: String, _ set: (inout FitOptions) -> Void = { _ in }
) throws -> ModelReport {
  var options = FitOptions()
  set(&options)
  return try ModelCatalogue.entry(model).fit(
    ModelRequest(formula: formula, data: people(), options: options))
}

@Suite("Options of mixed models")
struct MixedModelOptionsTests {
  @Test("equal baselines leave out the arm at the first visit and nothing else")
  func equalBaseline() throws {
    let report = try fit("mmrm", "y ~ arm*visit + us(visit|id)") {
      $0.equalBaseline = .init(arm: "arm")
      $0.marginalMeans = ["pairwise ~ arm | visit"]
      $0.anova = 3
    }
    #expect(
      report.coefficients.map(\.term) == [
        "(Intercept)", "visit1", "visit2", "armtreated:visit1", "armtreated:visit2",
      ])
    let means = report.section("emmeans").filter { $0["visit"]?.text == "0" }.compactMap {
      $0["emmean"]?.double
    }
    #expect(means.count == 2)
    expectClose(means[0], means[1], relative: 1e-12)
    let first = try #require(report.section("contrasts").first { $0["visit"]?.text == "0" })
    #expect(first["estimate"]?.double == 0 && first["SE"]?.double == 0)
    // Equal by design: there is nothing to test.
    #expect(first["p.value"] == .null && first["lower.CL"] == .null && first["t.ratio"] ?? .null == .null)
    #expect(report.conventions.contains { $0.name == "contrasts without a test" })
    let later = try #require(report.section("contrasts").first { $0["visit"]?.text == "2" })
    expectClose(
      try #require(later["estimate"]?.double),
      -(try #require(report.coefficient("armtreated:visit2")?.estimate)), relative: 1e-10)
    #expect(report.conventions.contains { $0.name == "baseline means" })
  }

  @Test("equal baselines need the arm, and its interaction with the visits")
  func equalBaselineRefusals() throws {
    #expect(throws: FitRequestError.self) {
      try fit("mmrm", "y ~ arm*visit + us(visit|id)") { $0.equalBaseline = .init(arm: "group") }
    }
    #expect(throws: FitRequestError.self) {
      try fit("mmrm", "y ~ arm + visit + us(visit|id)") { $0.equalBaseline = .init(arm: "arm") }
    }
    #expect(throws: FitRequestError.self) {
      try fit("lmm", "y ~ arm*visit + (1|id)") { $0.equalBaseline = .init(arm: "arm") }
    }
  }

  @Test("a random intercept and a compound symmetric covariance share their equal-baseline fit")
  func mixedAndRepeated() throws {
    let mixed = try fit("lmm", "y ~ arm*visit + (1|id)") {
      $0.equalBaseline = .init(arm: "arm", visit: "visit")
    }
    let repeated = try fit("mmrm", "y ~ arm*visit + cs(visit|id)") { $0.equalBaseline = .init(arm: "arm") }
    expectClose(
      try #require(mixed.figure("logLik")), try #require(repeated.figure("logLik")), relative: 1e-8)
    expectClose(
      mixed.coefficients.map { $0.estimate! }, repeated.coefficients.map { $0.estimate! }, relative: 1e-6)
  }

  @Test(
    "a likelihood ratio is twice the difference of the log-likelihoods, with a mixture at a zero variance")
  func likelihoodRatio() throws {
    let report = try fit("lmm", "y ~ arm*visit + (1|id)") {
      $0.restricted = false
      $0.against = "y ~ visit + (1|id)"
    }
    let small = try fit("lmm", "y ~ visit + (1|id)") { $0.restricted = false }
    let test = try #require(report.tests.first)
    expectClose(
      test.statistic, 2 * (try #require(report.figure("logLik")) - (try #require(small.figure("logLik")))),
      relative: 1e-10)
    #expect(test.df == 3 && report.tests.count == 1)
  }

  @Test("likelihood ratios that mean nothing are refused")
  func refusals() throws {
    // REML with other fixed effects; no nesting; the same model.
    for (formula, other) in [
      ("y ~ arm*visit + (1|id)", "y ~ visit + (1|id)"), ("y ~ visit + (1|id)", "y ~ arm + (1|id)"),
      ("y ~ visit + (1|id)", "y ~ visit + (1|id)"), ("y ~ visit + (1|id)", "y ~ visit + (1|arm)"),
    ] {
      #expect(throws: FitRequestError.self, "\(formula) against \(other)") {
        try fit("lmm", formula) { $0.against = other }
      }
    }
    #expect(throws: FitRequestError.self) {
      try fit("mmrm", "y ~ visit + ar1(visit|id)") { $0.against = "y ~ visit + cs(visit|id)" }
    }
    let nested = try fit("mmrm", "y ~ visit + us(visit|id)") { $0.against = "y ~ visit + cs(visit|id)" }
    #expect(nested.tests.first?.df == 4)
  }

  @Test("population risks lie nearer to one half than those of a person with random effect zero")
  func standardised() throws {
    let report = try fit("glmm", "well ~ arm + (1|id)") {
      $0.family = .binomial
      $0.quadraturePoints = 15
      $0.standardise = "arm"
    }
    let rows = report.section("marginal")
    #expect(rows.compactMap { $0["measure"]?.text } == ["risk", "risk", "difference", "ratio"])
    let risks = rows.prefix(2).compactMap { $0["estimate"]?.double }
    expectClose(try #require(rows[2]["estimate"]?.double), risks[1] - risks[0], relative: 1e-12)
    expectClose(try #require(rows[3]["estimate"]?.double), risks[1] / risks[0], relative: 1e-12)
    let eta = try #require(report.coefficient("(Intercept)")?.estimate)
    let conditional = 1 / (1 + exp(-eta))
    #expect(abs(risks[0] - 0.5) < abs(conditional - 0.5))
    let low = try #require(rows[2]["conf.low"]?.double)
    let high = try #require(rows[2]["conf.high"]?.double)
    #expect(low < risks[1] - risks[0] && risks[1] - risks[0] < high)
  }

  @Test("profile limits stand with the variances and replace those of the coefficients")
  func profile() throws {
    let wald = try fit("lmm", "y ~ arm*visit + (1|id)")
    let report = try fit("lmm", "y ~ arm*visit + (1|id)") { $0.limits = .profile }
    #expect(report.conventions.contains { $0.name == "limits" && $0.choice == "profile" })
    for row in report.section("varComp") {
      let low = try #require(row["conf.low"]?.double)
      let high = try #require(row["conf.high"]?.double)
      let estimate = try #require(row["sdcor"]?.double)
      #expect(low < estimate && estimate < high)
    }
    #expect(report.coefficients[1].low != wald.coefficients[1].low)
    #expect(throws: FitRequestError.self) {
      try fit("mmrm", "y ~ visit + us(visit|id)") { $0.limits = .profile }
    }
  }
}
