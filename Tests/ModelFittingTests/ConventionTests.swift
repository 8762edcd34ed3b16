import HypothesisTests
import ModelFitting
import ModelFormula
import Serialisation
import TestSupport
import Testing

private func proportions(_ set: (inout HypothesisTestOptions) -> Void) throws -> HypothesisTestReport {
  var options = HypothesisTestOptions()
  options.events = [36, 33]
  options.sizes = [91, 96]
  set(&options)
  return try HypothesisTestCatalogue.entry("proportions").report(HypothesisTestRequest(options: options))
}

private func number(_ json: JSONValue, _ path: String...) -> Double? {
  path.reduce(Optional(json)) { $0?[$1] }?.double
}

/// What the documentation of each software says its defaults are; `docs/conventions.md`.
@Suite("Conventions of R, SAS and Stata")
struct ConventionTests {
  /// R 4.2.2: `prop.test(c(36, 33), c(91, 96))`, `confint(glm(…, binomial))`; SAS and Stata: Wald and Woolf limits.
  @Test("Two proportions")
  func twoProportions() throws {
    let r = try proportions { $0.conventions = .r }.json
    expectClose(number(r, "difference", "conf.low")!, -0.0971244671455754, relative: 1e-6)
    expectClose(number(r, "difference", "conf.high")!, 0.2008332583543666, relative: 1e-6)
    expectClose(number(r, "oddsRatio", "conf.high")!, 2.2719, relative: 1e-4)
    expectClose(number(r, "p.value")!, 0.5599572042003643, relative: 1e-6)
    let sas = try proportions { $0.conventions = .sas }
    expectClose(number(sas.json, "difference", "conf.low")!, -0.0864, absolute: 5e-5)
    expectClose(number(sas.json, "difference", "conf.high")!, 0.1901, absolute: 5e-5)
    expectClose(number(sas.json, "oddsRatio", "conf.high")!, 2.265, absolute: 5e-4)
    expectClose(number(sas.json, "p.value")!, 0.4626, absolute: 5e-5)
    #expect(sas.conventions.first! == ("profile", "sas"))
    #expect(
      sas.json["risk"]!.elements.compactMap { $0["method"]?.text } == ["wald", "exact", "wald", "exact"])
    let stata = try proportions { $0.conventions = .stata }
    #expect(stata.json["risk"]!.elements.count == 2)
  }

  /// R 4.2.2: `prop.test(36, 91, correct = FALSE)`, `binom.test(36, 91)`; Wald by hand.
  @Test("One proportion has limits, and no contrast that a profile could choose")
  func oneProportion() throws {
    func lowest(_ profile: ConventionProfile) throws -> [Double] {
      let report = try proportions {
        $0.events = [36]
        $0.sizes = [91]
        $0.conventions = profile
      }
      return report.json["risk"]!.elements.map { $0["conf.low"]!.double! }
    }
    expectClose(try lowest(.r), [0.301331819639, 0.2946048695547], relative: 1e-9)
    expectClose(try lowest(.sas), [0.2951385144468, 0.2946048695547], relative: 1e-9)
    expectClose(try lowest(.stata), [0.2946048695547], relative: 1e-9)
  }

  @Test("An option that is given wins over the profile")
  func given() throws {
    let report = try proportions {
      $0.conventions = .sas
      $0.method = "newcombe"
    }
    expectClose(number(report.json, "difference", "conf.low")!, -0.0851, absolute: 5e-5)
  }

  @Test("Another software's numbers stand beside, and those that print differently are marked")
  func also() throws {
    let report = try proportions {
      $0.conventions = .sas
      $0.alsoConventions = .r
    }
    let also = try #require(report.json["also"])
    #expect(also["profile"]?.text == "r")
    let rows = also["rows"]!.elements
    func row(_ section: String, _ quantity: String) -> JSONValue? {
      rows.first { $0["section"]?.text == section && $0["quantity"]?.text == quantity }
    }
    #expect(row("difference", "estimate")?["differs"] == false)
    #expect(row("difference", "conf.low")?["differs"] == true)
    #expect(row("ratio", "conf.low")?["differs"] == false)
    expectClose(row("difference", "conf.low")!["other"]!.double!, -0.0971244671455754, relative: 1e-6)
    #expect(also["differing"]!.double == Double(rows.count { $0["differs"] == true }))
    #expect(report.text.contains("≠") && report.text.contains("under the conventions of r"))
  }

  private var samples: DataFrame {
    DataFrame([
      ("arm", .categorical(["a", "a", "a", "a", "b", "b", "b", "b", "b"])),
      ("y", .numeric([1, 2, 3, 4, 3, 4, 5, 10, 12])), ("event", .numeric([0, 0, 1, 1, 0, 1, 1, 1, 1])),
    ])
  }

  private func run(_ test: String, _ formula: String, _ profile: ConventionProfile) throws
    -> HypothesisTestReport
  {
    var options = HypothesisTestOptions()
    options.conventions = profile
    return try HypothesisTestCatalogue.entry(test).report(
      HypothesisTestRequest(formula: formula, data: samples, options: options))
  }

  @Test("Tests of samples and tables: pooled variances, no correction, the sample's odds ratio")
  func tests() throws {
    #expect(try run("t", "y ~ arm", .sas).result.df == 7)
    #expect(try run("t", "y ~ arm", .r).result.df! < 7)
    let corrected = try run("chisq", "event ~ arm", .r).result.statistic!
    let plain = try run("chisq", "event ~ arm", .sas).result.statistic!
    // 9(4·2 − 2·1)²/(4·5·3·6) = 0.9 without, 9(6 − 4.5)²/360 with Yates' correction.
    expectClose(plain, 0.9, relative: 1e-12)
    expectClose(corrected, 9 * 1.5 * 1.5 / 360, relative: 1e-12)
    expectClose(try run("fisher", "event ~ arm", .stata).result.estimate!, 4, relative: 1e-12)
    #expect(abs(try run("fisher", "event ~ arm", .r).result.estimate! - 4) > 0.1)
    let uncorrected = try run("wilcoxon", "y ~ arm", .stata)
    let sas = try run("wilcoxon", "y ~ arm", .sas)
    #expect(uncorrected.result.pValue < sas.result.pValue)
  }

  @Test("A two-sided binomial p is twice the tail in SAS")
  func binomial() throws {
    var options = HypothesisTestOptions()
    options.events = [2]
    options.sizes = [10]
    options.probability = 0.4
    func p(_ profile: ConventionProfile) throws -> Double {
      options.conventions = profile
      return try HypothesisTestCatalogue.entry("binom").report(HypothesisTestRequest(options: options)).result
        .pValue
    }
    // P(X ≤ 2) = 0.1672897536 at p = 0.4; R 4.2.2, binom.test(2, 10, 0.4), adds P(X ≥ 6).
    expectClose(try p(.sas), 2 * 0.1672897536, relative: 1e-9)
    expectClose(try p(.r), 0.3335283712, relative: 1e-9)
  }

  private func fit(_ model: String, _ formula: String, _ set: (inout FitOptions) -> Void) throws
    -> ModelReport
  {
    var options = FitOptions()
    set(&options)
    return try ModelCatalogue.entry(model).fit(
      ModelRequest(formula: formula, data: samples, options: options))
  }

  @Test("Generalised linear models: limits, dispersion and reference")
  func generalised() throws {
    let r = try fit("glm", "y ~ arm") {
      $0.family = .gamma
      $0.conventions = .r
    }
    let sas = try fit("glm", "y ~ arm") {
      $0.family = .gamma
      $0.conventions = .sas
    }
    #expect(r.coefficients[1].df == 7 && sas.coefficients[1].df == nil)
    #expect(r.conventions.contains { $0 == ("limits", "profile") })
    #expect(sas.conventions.contains { $0 == ("dispersion", "maximum likelihood") })
    #expect(sas.coefficients[1].standardError! < r.coefficients[1].standardError!)
    let stata = try fit("glm", "y ~ arm") {
      $0.family = .gamma
      $0.conventions = .stata
    }
    expectClose(stata.coefficients[1].standardError!, r.coefficients[1].standardError!, relative: 1e-9)
  }

  @Test("Bare robust errors of least squares are HC3, HC0 and HC1")
  func robust() throws {
    for (profile, kind) in [(ConventionProfile.r, "HC3"), (.sas, "HC0"), (.stata, "HC1")] {
      let report = try fit("lm", "y ~ arm") {
        $0.robust = .row
        $0.conventions = profile
      }
      #expect(report.conventions.contains { $0 == ("covariance", kind) })
    }
  }

  @Test("Ties of a Cox model are Efron's in R and Breslow's elsewhere")
  func ties() throws {
    let formula = "Surv(y, event) ~ arm"
    let sas = try fit("cox", formula) { $0.conventions = .sas }
    let breslow = try fit("cox", formula) { $0.ties = .breslow }
    #expect(sas.coefficients == breslow.coefficients)
    let report = try fit("cox", formula) { $0.alsoConventions = .stata }
    #expect(report.comparison!.differing > 0)
    #expect(report.comparison!.conventions.contains { $0 == ("ties", "breslow") })
  }

  @Test("What a profile cannot repeat is said")
  func departures() throws {
    let report = try fit("quantile", "y ~ arm") { $0.conventions = .sas }
    #expect(report.warnings.contains { $0.contains("not computed") })
  }
}
