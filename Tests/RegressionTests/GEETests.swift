import Glibc
import Inference
import LinearAlgebra
import Regression
import TestSupport
import Testing

@Suite("Generalised estimating equations")
struct GEETests {
  private struct Expected {
    let estimates: [Double]
    let errors: [Double]
    let naive: [Double]
    let alpha: [Double]
    let scale: Double
  }

  private var ohio: (data: RegressionData, subjects: [Int]) {
    let t = TestTable("ohio")
    return (
      regression(t.numbers("resp"), ["age": t.numbers("age"), "smoke": t.numbers("smoke")]), t.codes("id")
    )
  }

  /// R 4.2.2, geepack 1.3.9: `geeglm(…, control = geese.control(epsilon = 1e-13, maxit = 500))`.
  @Test("Wheeze among children of Ohio", arguments: WorkingCorrelation.allCases)
  func wheeze(structure: WorkingCorrelation) throws {
    let reference: [WorkingCorrelation: Expected] = [
      .independence: Expected(
        estimates: [-1.883734728929418, -0.113412766652830, 0.272138564525091],
        errors: [0.1142402018298922, 0.0438776672104144, 0.1779818452569300],
        naive: [0.0838073161809485, 0.0540589294668086, 0.1234203708172841], alpha: [],
        scale: 0.99914552822327),
      .exchangeable: Expected(
        estimates: [-1.880425286134938, -0.113384996708164, 0.265075740617399],
        errors: [0.1138927134617822, 0.0438552895780466, 0.1777465511495916],
        naive: [0.114771539562776, 0.043505488575359, 0.176898190815949], alpha: [0.354304915842305],
        scale: 0.998464605943305),
      .ar1: Expected(
        estimates: [-1.902186400768150, -0.114892996093035, 0.234472497130892],
        errors: [0.1152503479813079, 0.0453893202243187, 0.1811950126291171],
        naive: [0.1162231613026930, 0.0546045662981037, 0.1775787782975548], alpha: [0.491008975793657],
        scale: 1.020712774631800),
      .unstructured: Expected(
        estimates: [-1.888563769708689, -0.114897213933145, 0.253487906720712],
        errors: [0.1139600096173314, 0.0442384290324867, 0.1781842903085666],
        naive: [0.1158158856012954, 0.0460479106465204, 0.1779228885038662],
        alpha: [
          0.350437815928755, 0.308314431699097, 0.302979930228558, 0.469552702795347, 0.318542884092317,
          0.376382010778284,
        ], scale: 1.006363825001466),
    ]
    let expected = reference[structure]!
    let fit = try GEEModel(mean: GeneralisedLinearModel(family: .binomial), correlation: structure).fit(
      ohio.data, subjects: ohio.subjects)
    expectClose(fit.coefficients.map { $0! }, expected.estimates, relative: 1e-8)
    expectClose(fit.covariance.standardErrors, expected.errors, relative: 1e-8)
    expectClose(fit.modelBasedCovariance.standardErrors, expected.naive, relative: 1e-8)
    expectClose(fit.alpha, expected.alpha, relative: 1e-8)
    expectClose(fit.scale, expected.scale, relative: 1e-9)
    #expect(fit.subjectCount == 537 && fit.largestSubject == 4)
  }

  @Test("Seizure counts with an offset")
  func seizures() throws {
    let t = TestTable("epil")
    let data = regression(
      t.numbers("y"), ["trtprogabide": t.indicator("trt", "progabide"), "lage": t.numbers("lage")],
      offset: t.numbers("lbase"))
    let poisson = try GeneralisedLinearModel(family: .poisson)
    let fit = try GEEModel(mean: poisson, correlation: .unstructured).fit(data, subjects: t.codes("subject"))
    expectClose(
      fit.coefficients.map { $0! }, [1.8531523737125304, -0.0621463622972508, 0.3540926819947944],
      relative: 1e-8)
    expectClose(
      fit.covariance.standardErrors, [0.0875994575609272, 0.1802245965376190, 0.3607154587956318],
      relative: 1e-8)
    expectClose(
      fit.alpha + [fit.scale],
      [
        0.466391636003132, 0.508592930190119, 0.316408906417926, 0.575486142105511, 0.277176831748403,
        0.457612828519557, 4.815818547891506,
      ], relative: 1e-8)
  }

  /// Cases in herds over months, as in lme4's cbpp. R 4.2.2, geepack 1.3.9: `geeglm(cbind(s, n - s) ~ x, family = binomial, id = id, corstr = …)`.
  @Test("Shares of successes with their trials as weights")
  func trials() throws {
    let successes: [Double] = [2, 3, 4, 0, 3, 1, 1, 8, 2, 0, 2, 2]
    let sizes: [Double] = [14, 12, 9, 5, 22, 18, 21, 22, 16, 16, 20, 10]
    let x: [Double] = [0, 1, 2, 3, 0, 1, 2, 0, 0, 1, 2, 3]
    let fit = try GEEModel(mean: GeneralisedLinearModel(family: .binomial), correlation: .exchangeable).fit(
      regression(successes.indices.map { successes[$0] / sizes[$0] }, ["x": x], weights: sizes),
      subjects: [0, 0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 3])
    expectClose(fit.coefficients.map { $0! }, [-1.50836661704244, -0.188769700771459], relative: 1e-7)
    expectClose(fit.covariance.standardErrors, [0.401271840296197, 0.20870701258033], relative: 1e-7)
    expectClose(fit.alpha + [fit.scale], [0.12403836717869, 0.115776662728858], relative: 1e-6)
  }

  @Test("Residuals that make no working correlation leave no estimates, and say so")
  func noCorrelation() throws {
    // Within pairs of opposite residuals the correlation is −1.
    let y: [Double] = [1, -1, 2, -2, -3, 3, 1, -1]
    let fit = try GEEModel(mean: GeneralisedLinearModel(family: .gaussian), correlation: .exchangeable).fit(
      regression(y, [:]), subjects: [0, 0, 1, 1, 2, 2, 3, 3])
    #expect(fit.status == .notConverged && fit.coefficients == [nil])
    #expect(fit.warnings.contains { $0.contains("no correlation matrix") })
    expectClose(fit.alpha, [-1], relative: 1e-12)
  }

  @Test("Subjects of one row each under independence are a model with HC0 errors")
  func independence() throws {
    let t = TestTable("birthwt")
    let data = regression(t.numbers("low"), ["age": t.numbers("age"), "lwt": t.numbers("lwt")])
    let mean = try GeneralisedLinearModel(family: .binomial)
    let gee = try GEEModel(mean: mean, correlation: .independence).fit(data, subjects: Array(0..<t.rowCount))
    let glm = try mean.fit(data)
    expectClose(gee.coefficients.map { $0! }, glm.coefficients.map { $0! }, relative: 1e-9)
    expectClose(
      gee.covariance.standardErrors, try glm.sandwich().heteroscedasticityConsistent(.hc0).standardErrors,
      relative: 1e-8)
  }

  @Test("Shuffled subjects give the same fit, as long as a subject's rows keep their order")
  func shuffled() throws {
    let (data, subjects) = ohio
    // All first visits, then all second ones, …: rows of a subject stay in order but far apart.
    let count = data.rowCount / 4
    let order = (0..<4).flatMap { visit in (0..<count).map { 4 * (($0 * 7) % count) + visit } }
    let model = GEEModel(mean: try GeneralisedLinearModel(family: .binomial), correlation: .ar1)
    let a = try model.fit(data, subjects: subjects)
    let b = try model.fit(data.permuted(order), subjects: order.map { subjects[$0] })
    expectClose(a.coefficients.map { $0! }, b.coefficients.map { $0! }, relative: 1e-10)
    expectClose(a.covariance.matrix.storage, b.covariance.matrix.storage, relative: 1e-9)
    expectClose(a.alpha, b.alpha, relative: 1e-10)
  }

  @Test("One subject, or an outcome predicted perfectly")
  func failures() throws {
    let mean = try GeneralisedLinearModel(family: .binomial)
    #expect(throws: RegressionError.self) {
      try GEEModel(mean: mean, correlation: .exchangeable).fit(
        regression([0, 1, 0, 1], ["x": [1, 2, 3, 5]]), subjects: [1, 1, 1, 1])
    }
    let separated = try GEEModel(mean: mean, correlation: .exchangeable).fit(
      regression([0, 0, 1, 1], ["x": [1, 2, 3, 5]]), subjects: [1, 1, 2, 2])
    #expect(separated.status == .separated)
  }

  /// R 4.2.2, geepack 1.3.9 with weights 1, 2, ½, 3 in turn.
  @Test(
    "Prior weights count in the residuals' moments and in the variance",
    arguments: WorkingCorrelation.allCases)
  func weights(structure: WorkingCorrelation) throws {
    let reference: [WorkingCorrelation: ([Double], [Double], [Double], Double)] = [
      .independence: (
        [-1.935336131905, -0.152892114242, 0.303108484524],
        [0.1215357709201, 0.0485971384264, 0.1883003973703], [], 0.999042848273
      ),
      .exchangeable: (
        [-1.953925587759, -0.152021428501, 0.323536550609],
        [0.1296639364495, 0.0488944967687, 0.2033261296068], [0.343762421815], 1.00772268626
      ),
      .ar1: (
        [-1.977261651082, -0.156501545567, 0.330612207377],
        [0.1412383238388, 0.0503566822789, 0.2225877245117], [0.537995547055], 1.02288623495
      ),
      .unstructured: (
        [-1.96159192899, -0.1535163081314, 0.3243747134801],
        [0.13293632676285, 0.04950306724887, 0.20768776916825],
        [
          0.3461400276889, 0.3081635039763, 0.3078333791708, 0.4764333986604, 0.3288863296787,
          0.3948790418617,
        ], 1.012999513475
      ),
    ]
    let expected = reference[structure]!
    var (data, subjects) = ohio
    data.weights = data.response.indices.map { [1, 2, 0.5, 3][$0 % 4] }
    let fit = try GEEModel(
      mean: GeneralisedLinearModel(family: .binomial), correlation: structure
    ).fit(data, subjects: subjects)
    expectClose(fit.coefficients.map { $0! }, expected.0, relative: 1e-7, because: "geese stops at 1e-12")
    expectClose(fit.covariance.standardErrors, expected.1, relative: 1e-6)
    expectClose(fit.alpha, expected.2, relative: 1e-7)
    expectClose(fit.scale, expected.3, relative: 1e-8)
    data.weights![0] = 0
    #expect(throws: RegressionError.self) {
      try GEEModel(mean: GeneralisedLinearModel(family: .binomial), correlation: structure)
        .fit(data, subjects: subjects)
    }
  }

  /// R 4.2.2, geepack 1.3.9: `geeglm(y ~ trt + lage + offset(lbase), family = poisson, weights = …)`, weights 1, 2, ½, 3.
  @Test(
    "Weighted counts with an offset",
    arguments: [
      (
        WorkingCorrelation.exchangeable, [1.8033490643936, -0.1109238427414, 0.1829767457906],
        [0.07974263831148, 0.16683812682045, 0.32598423274408], [0.4925720929616], 3.882937382246
      ),
      (
        .ar1, [1.7919100776, -0.1111630477261, 0.1466203035608],
        [0.0868969003392, 0.169220344153, 0.3364355635547], [0.6751582228619], 3.934619655076
      ),
      (
        .unstructured, [1.79815685778724, -0.08472947868783, 0.15459092058685],
        [0.09599445574362, 0.17325705938726, 0.33630113300337],
        [
          0.6524204963534, 0.7080692923691, 0.4318504457853, 0.7865077326728, 0.3637472577614,
          0.6088493622356,
        ], 3.836259964362
      ),
    ])
  func weightedCounts(
    structure: WorkingCorrelation, estimates: [Double], errors: [Double], alpha: [Double], scale: Double
  ) throws {
    let t = TestTable("epil")
    var data = regression(
      t.numbers("y"), ["trtprogabide": t.indicator("trt", "progabide"), "lage": t.numbers("lage")],
      offset: t.numbers("lbase"))
    data.weights = data.response.indices.map { [1, 2, 0.5, 3][$0 % 4] }
    let fit = try GEEModel(mean: GeneralisedLinearModel(family: .poisson), correlation: structure).fit(
      data, subjects: t.codes("subject"))
    expectClose(fit.coefficients.map { $0! }, estimates, relative: 1e-7)
    expectClose(fit.covariance.standardErrors, errors, relative: 1e-7)
    expectClose(fit.alpha, alpha, relative: 1e-8)
    expectClose(fit.scale, scale, relative: 1e-9)
  }

  /// Iterated in R 4.2.2 with plain matrices (`solve`, `crossprod`) by the formulas of SAS/STAT GENMOD: with Pearson residuals e,
  /// φ = Σe²/(N − p), AR(1) α = Σ e(j)e(j+1)/((Σ(nᵢ − 1) − p)φ), unstructured αⱼₖ = Σ e(j)e(k)/((K − p)φ).
  @Test(
    "Moments over observations less coefficients: neighbours and pairs of visits",
    arguments: [
      (
        WorkingCorrelation.ar1, [-1.8981653572461, -0.1147509194366, 0.2438137123543],
        [0.11467902869063, 0.04493612910867, 0.17983330290804],
        [0.10963270782292, 0.05585896317779, 0.16622642866336], [0.3991828231637], 1.016987122813
      ),
      (
        .unstructured, [-1.8885946026231, -0.1149057833793, 0.2533795063042],
        [0.11396059725533, 0.04424085327074, 0.1781896290311],
        [0.11601360217532, 0.04604341406857, 0.17824365056539],
        [
          0.3519115572817, 0.3096123620191, 0.3042550502822, 0.4715347241534, 0.3198873201464,
          0.3779712300599,
        ], 1.007815889223
      ),
    ])
  func residualMomentsByVisit(
    structure: WorkingCorrelation, estimates: [Double], errors: [Double], naive: [Double], alpha: [Double],
    scale: Double
  ) throws {
    let (data, subjects) = ohio
    var model = GEEModel(mean: try GeneralisedLinearModel(family: .binomial), correlation: structure)
    model.moments = .residual
    let fit = try model.fit(data, subjects: subjects)
    expectClose(fit.coefficients.map { $0! }, estimates, relative: 1e-9)
    expectClose(fit.covariance.standardErrors, errors, relative: 1e-9)
    expectClose(fit.modelBasedCovariance.standardErrors, naive, relative: 1e-9)
    expectClose(fit.alpha, alpha, relative: 1e-9)
    expectClose(fit.scale, scale, relative: 1e-10)
  }

  /// R 4.2.2, gee 4.13-25: `gee(…, corstr = "exchangeable", tol = 1e-12)`, which takes off the number of coefficients.
  @Test("Moments over observations less coefficients")
  func residualMoments() throws {
    let (data, subjects) = ohio
    var model = GEEModel(mean: try GeneralisedLinearModel(family: .binomial), correlation: .exchangeable)
    model.moments = .residual
    let fit = try model.fit(data, subjects: subjects)
    expectClose(
      fit.coefficients.map { $0! }, [-1.880427659598, -0.113385016559, 0.265080818393], relative: 1e-10)
    expectClose(
      fit.covariance.standardErrors, [0.1138929136557, 0.0438553054641, 0.1777465473533], relative: 1e-10)
    expectClose(fit.alpha, [0.354139797158], relative: 1e-10)
    expectClose(fit.scale, 0.999861541821, relative: 1e-10)
  }

  @Test("Under independence the corrections are those of the logistic regression's clusters")
  func corrections() throws {
    let (data, subjects) = ohio
    let mean = try GeneralisedLinearModel(family: .binomial)
    let fit = try GEEModel(mean: mean, correlation: .independence).fit(data, subjects: subjects)
    let plain = try mean.fit(data).clusterRobust(by: subjects)
    for correction in [ClusterRobustCovariance.Correction.cr0, .cr1, .cr3] {
      expectClose(
        try #require(fit.clusterRobust).adjusted(correction).covariance.matrix.storage,
        try plain.adjusted(correction).covariance.matrix.storage, relative: 1e-7)
    }
  }
}
