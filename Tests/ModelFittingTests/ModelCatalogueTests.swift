import Inference
import ModelFitting
import ModelFormula
import Serialisation
import TestSupport
import Testing

/// Eight rows by hand: two arms, a covariate and a response without noise beyond one outlier.
private func table() -> DataFrame {
  DataFrame([
    ("arm", .categorical(["a", "a", "a", "a", "b", "b", "b", "b"])),
    ("x", .numeric([0, 1, 2, 3, 0, 1, 2, 3])),
    ("y", .numeric([1, 2, 3, 4, 3, 4, 5, 10])),
    ("z", .numeric([0, 0, 1, 1, 0, 1, 1, 1])),
    ("w", .numeric([1, 2, 1, 3, 2, 1, 4, 2])),
  ])
}

private func fit(_ model: String, _ formula: String, _ options: FitOptions = FitOptions()) throws
  -> ModelReport
{
  try ModelCatalogue.entry(model).fit(ModelRequest(formula: formula, data: table(), options: options))
}

@Suite("The catalogue of models")
struct ModelCatalogueTests {
  @Test("an unknown model is answered with the nearest names")
  func unknown() {
    do {
      _ = try ModelCatalogue.entry("coxx")
      Issue.record("a model coxx was found")
    } catch {
      #expect(error.description.contains("did you mean cox"))
    }
  }

  @Test("names are distinct and every model says what it is")
  func names() {
    let names = ModelCatalogue.entries.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(ModelCatalogue.entries.allSatisfy { !$0.summary.isEmpty })
  }

  @Test("no model takes an option it has no use for", arguments: ModelCatalogue.entries.map(\.name))
  func refusal(model: String) throws {
    // No model has a use for all of these.
    var options = FitOptions()
    options.ties = .breslow
    options.quadraturePoints = 5
    options.correlation = .ar1
    #expect(throws: FitRequestError.self) { try fit(model, "y ~ x", options) }
  }

  @Test(
    "a formula with a part that the model has no use for is refused, not fitted without it",
    arguments: [
      ("lm", "z ~ x", ["strata(arm)", "cluster(arm)", "(1|arm)", "cs(x|arm)"]), ("glm", "z ~ x", ["(1|arm)"]),
      ("negbin", "z ~ x", ["strata(arm)"]), ("firth", "z ~ x", ["cluster(arm)"]),
      ("hurdle", "z ~ x", ["(1|arm)"]), ("quantile", "z ~ x", ["cs(x|arm)"]),
      ("twopart", "z ~ x", ["(x|arm)"]),
      ("lmm", "z ~ (1|x)", ["cs(x|arm)", "strata(arm)"]), ("glmm", "z ~ (1|x)", ["cluster(arm)"]),
      ("mmrm", "z ~ cs(x|arm)", ["strata(arm)"]), ("km", "Surv(y, z) ~ arm", ["offset(x)", "(1|x)"]),
      ("logrank", "Surv(y, z) ~ arm", ["cluster(x)", "offset(x)"]),
      ("cuminc", "Surv(y, z) ~ arm", ["offset(x)"]),
      ("cox", "Surv(y, z) ~ x", ["(1|arm)"]), ("aft", "Surv(y, z) ~ x", ["cs(x|arm)"]),
    ])
  func unusedParts(model: String, formula: String, parts: [String]) throws {
    var options = FitOptions()
    if model == "glmm" { options.family = .binomial }
    var formulas = parts.map { "\(formula) + \($0)" }
    if model != "hurdle", model != "twopart" { formulas.append(formula + " | y") }
    for text in formulas {
      let error = try #require(throws: FormulaError.self, "\(model) \(text)") {
        try fit(model, text, options)
      }
      #expect(error.description.contains("has no meaning for this model"))
    }
  }

  @Test("exponentials replace estimates and limits, never standard errors")
  func exponentials() throws {
    var options = FitOptions()
    options.exponentiate = true
    let plain = try fit("glm", "y ~ arm", FitOptions())
    let raised = try fit("glm", "y ~ arm", options)
    expectClose(
      raised.coefficients[1].estimate!, exponential(plain.coefficients[1].estimate!), relative: 1e-12)
    #expect(raised.coefficients[1].standardError == plain.coefficients[1].standardError)
    #expect(raised.isExponentiated)
  }

  /// R 4.2.2, survival: `summary(survfit(Surv(start, stop, factor(cause)) ~ arm, id = id), times = 4)`.
  @Test("curves of groups with delayed entry stand without Gray's test, which a warning says")
  func incidenceWithDelayedEntry() throws {
    let data = DataFrame([
      ("start", .numeric([0, 1, 2, 0, 1, 0, 2, 0, 1])), ("stop", .numeric([3, 4, 6, 5, 2, 4, 3, 6, 5])),
      ("cause", .numeric([1, 2, 0, 1, 1, 2, 2, 0, 1])),
      ("arm", .categorical(["a", "a", "a", "a", "b", "b", "b", "b", "b"])),
    ])
    var options = FitOptions()
    options.times = [4]
    let report = try ModelCatalogue.entry("cuminc").fit(
      ModelRequest(formula: "Surv(start, stop, cause) ~ arm", data: data, options: options))
    let at = report.section("curves").map { $0["at"]!.elements[0]["est"]!.double! }
    expectClose(at, [0.25, 0.25, 0.25, 0.375], relative: 1e-12)
    #expect(report.tests.isEmpty)
    #expect(report.warnings.contains { $0.hasPrefix("Gray's test has no method") })
  }

  private func exponential(_ x: Double) -> Double {
    // A series is enough for a test, and owes nothing to the code under test.
    var term = 1.0
    var sum = 1.0
    for k in 1..<60 {
      term *= x / Double(k)
      sum += term
    }
    return sum
  }
}

@Suite("After the fit")
struct PostEstimationTests {
  /// R 4.2.2, car: `Anova(lm(y ~ z*x, weights = w))`, and with `vcov. = vcovHC(fit, "HC1")`.
  @Test("type II allows for other terms by the weights, and by the robust covariance where that is used")
  func weightedTypeII() throws {
    var options = FitOptions()
    options.weights = "w"
    options.anova = 2
    let plain = try fit("lm", "y ~ z*x", options).section("anova")
    expectClose(
      plain.prefix(3).map { $0["sumsq"]!.double! },
      [1.1752165223184576, 6.5733026467203572, 2.9854852320674965], relative: 1e-10)
    expectClose(
      plain.prefix(3).map { $0["statistic"]!.double! },
      [0.094420181225371533, 0.528117513126970417, 0.239862230749932792], relative: 1e-10)
    options.robust = .hc1
    let robust = try fit("lm", "y ~ z*x", options).section("anova")
    #expect(robust.prefix(3).map { $0["sumsq"] } == plain.prefix(3).map { $0["sumsq"] })
    expectClose(
      robust.prefix(3).map { $0["statistic"]!.double! },
      [10.8882470131528936719, 0.0034485243143943948, 0.6408154225206009746], relative: 1e-10)
  }

  /// R 4.2.2, contrasts that sum to zero, b'V⁻¹b of each term: survival `coxph(…, robust = TRUE)`, cmprsk `crr(…, gtol = 1e-12)`.
  @Test("type III of a model without an intercept is that of contrasts that sum to zero")
  func typeIIIOfEventTimes() throws {
    let arms = (0..<18).map { ["a", "b", "c"][$0 % 3] }
    let cause: [Double] = [1, 1, 0, 1, 1, 1, 2, 1, 2, 1, 1, 0, 2, 1, 1, 1, 0, 1]
    let data = DataFrame([
      ("arm", .categorical(arms)),
      ("x", .numeric([0, 1, 2, 3, 1, 2, 0, 3, 2, 1, 4, 2, 3, 1, 0, 2, 4, 1])),
      ("t", .numeric([5, 3, 8, 9, 2, 7, 4, 6, 10, 1, 12, 11, 13, 14, 15, 16, 17, 18])),
      ("cause", .numeric(cause)), ("event", .numeric(cause.map { min($0, 1) })),
    ])
    var options = FitOptions()
    options.anova = 3
    func statistics(_ model: String, _ formula: String) throws -> [Double] {
      let request = ModelRequest(formula: formula, data: data, options: options)
      return try ModelCatalogue.entry(model).fit(request).section("anova").map { $0["statistic"]!.double! }
    }
    expectClose(
      try statistics("finegray", "Surv(t, cause) ~ arm*x"),
      [4.294475426570980, 2.265791981756784, 0.430297993670353], relative: 1e-6)
    options.robust = .row
    expectClose(
      try statistics("cox", "Surv(t, event) ~ arm + x"), [5.08258403736784, 5.53704418443276], relative: 1e-6)
  }

  @Test("without residual degrees of freedom the terms stand without a test, and a warning says so")
  func saturated() throws {
    var options = FitOptions()
    options.filter = "x < 1"
    for type in [2, 3] {
      options.anova = type
      let report = try fit("lm", "y ~ arm", options)
      let row = try #require(report.section("anova").first)
      #expect(row["term"]?.text == "arm")
      #expect(row["statistic"] == .null && row["p.value"] == .null)
      #expect(!report.warnings.isEmpty)
    }
  }

  @Test("marginal means of a linear model are adjusted to the covariate's mean")
  func marginalMeans() throws {
    var options = FitOptions()
    options.marginalMeans = ["pairwise ~ arm"]
    let report = try fit("lm", "y ~ arm + x", options)
    let means = report.section("emmeans")
    // x has the same mean 1.5 in both arms, so that the marginal means are the arm means 2.5 and 5.5.
    expectClose(means.compactMap { $0["emmean"]?.double }, [2.5, 5.5], relative: 1e-12)
    let contrast = try #require(report.section("contrasts").first)
    #expect(contrast["contrast"]?.text == "a - b")
    expectClose(contrast["estimate"]!.double!, -3, relative: 1e-12)
  }

  /// log 2.5 and log 5.5; R 4.2.2, emmeans 1.8.4: `emmeans(glm(y ~ arm, quasipoisson), ~ arm)` has no degrees of freedom.
  @Test("marginal means of a quasi-likelihood fit are compared with the normal distribution")
  func quasiMeans() throws {
    var options = FitOptions()
    options.family = .quasipoisson
    options.marginalMeans = ["pairwise ~ arm"]
    let report = try fit("glm", "y ~ arm", options)
    let means = report.section("emmeans")
    expectClose(
      means.compactMap { $0["emmean"]?.double }, [0.916290731874155, 1.704748092238425], relative: 1e-9)
    // The dispersion is (5/2.5 + 29/5.5)/6 = 40/33, the variance of a mean of four 40/33/(4 · 2.5).
    let error = (4.0 / 33).squareRoot()
    expectClose(
      means[0]["lower.CL"]!.double!, 0.916290731874155 - 1.959963984540054 * error, relative: 1e-9)
    #expect(means[0]["df"]?.double == nil && report.section("contrasts")[0]["z.ratio"] != nil)
    #expect(report.coefficients[1].df == 6)
    options.family = .gamma
    #expect(try fit("glm", "y ~ arm", options).section("emmeans")[0]["df"]?.double == 6)
  }

  @Test("sums of squares of a balanced layout are those of the cell means")
  func termTests() throws {
    for type in [2, 3] {
      var options = FitOptions()
      options.anova = type
      let rows = try fit("lm", "y ~ arm + x", options).section("anova")
      let arm = try #require(rows.first { $0["term"]?.text == "arm" })
      // 8 rows, arm means 1.5 either side of the grand mean: 8 · 1.5² = 18.
      expectClose(arm["sumsq"]!.double!, 18, relative: 1e-12)
      #expect(rows.last?["term"]?.text == "Residuals")
    }
  }

  @Test("standardised risks of a saturated model are the raw risks")
  func standardisation() throws {
    var options = FitOptions()
    options.family = .binomial
    options.standardise = "arm"
    let rows = try fit("glm", "z ~ arm", options).section("marginal")
    expectClose(rows.compactMap { $0["estimate"]?.double }, [0.5, 0.75, 0.25, 1.5], relative: 1e-8)
    // The delta method gives √(p(1 − p)/n).
    expectClose(rows[0]["std.error"]!.double!, (0.25 / 4).squareRoot(), relative: 1e-7)
  }

  @Test("predictions for new data carry the model's coding of categories")
  func predictions() throws {
    var options = FitOptions()
    options.predict = DataFrame([("arm", .categorical(["b"], levels: ["b"])), ("x", .numeric([1.5]))])
    let rows = try fit("lm", "y ~ arm + x", options).section("predictions")
    expectClose(rows[0]["fit"]!.double!, 5.5, relative: 1e-12)
  }

  @Test("a value that is not finite is printed as null, with a warning")
  func notFinite() throws {
    var report = ModelReport(model: "lm", formula: "y ~ x", n: 2, missing: 0)
    report.coefficients = [Coefficient(term: "x", estimate: .infinity, standardError: 1)]
    let json = try JSONValue(parsing: report.json.text(indented: false))
    #expect(json["coefficients"]?.elements.first?["estimate"] == .null)
    #expect(json["warnings"]?.elements.first?.text?.contains("x") == true)
  }
}
