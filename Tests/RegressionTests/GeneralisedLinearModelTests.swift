import Glibc
import Inference
import LinearAlgebra
import Regression
import TestSupport
import Testing

/// Reference values are from R 4.2.2, `glm(…, control = glm.control(epsilon = 1e-14, maxit = 200))`, continued from its
/// own coefficients sixty times where the link is not canonical (R's criterion leaves 1e-7 there), and sandwich 3.0-2.
@Suite("Generalised linear model against R")
struct GeneralisedLinearModelReference {
  private func birthweight(weights: [Double]? = nil) -> RegressionData {
    let t = TestTable("birthwt")
    return regression(
      t.numbers("low"), ["age": t.numbers("age"), "lwt": t.numbers("lwt"), "smoke": t.numbers("smoke")])
  }

  private func check(
    _ fit: GeneralisedLinearFit, _ estimates: [Double], _ errors: [Double], deviance: Double, null: Double,
    logLik: Double?, bic: Double? = nil, dispersion: Double = 1,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let scale = errors.max() ?? 1
    expectClose(
      fit.coefficients.map { $0 ?? .nan }, estimates, relative: 1e-9, absolute: 1e-11 * scale,
      sourceLocation: sourceLocation)
    expectClose(fit.covariance.standardErrors, errors, relative: 1e-8, sourceLocation: sourceLocation)
    expectClose(fit.deviance, deviance, relative: 1e-11, sourceLocation: sourceLocation)
    expectClose(fit.nullDeviance, null, relative: 1e-11, sourceLocation: sourceLocation)
    expectClose(fit.dispersion, dispersion, relative: 1e-9, sourceLocation: sourceLocation)
    if let logLik {
      expectClose(fit.logLikelihood ?? .nan, logLik, relative: 1e-11, sourceLocation: sourceLocation)
    } else {
      #expect(fit.logLikelihood == nil && fit.aic == nil && fit.bic == nil, sourceLocation: sourceLocation)
    }
    if let bic { expectClose(fit.bic ?? .nan, bic, relative: 1e-11, sourceLocation: sourceLocation) }
    #expect(fit.status == .ok && fit.convergence.isConverged, sourceLocation: sourceLocation)
  }

  @Test("Logit")
  func logit() throws {
    let fit = try GeneralisedLinearModel(family: .binomial).fit(birthweight())
    check(
      fit, [1.3682252685073033, -0.0389945827434823, -0.0121385423389043, 0.6707637407451310],
      [1.01426169284820267, 0.03272611302916009, 0.00613486392052516, 0.32587778228097974],
      deviance: 222.879352975495, null: 234.671996193219, logLik: -111.439676487747, bic: 243.846341035733)
    let robust: KeyValuePairs<HeteroscedasticityCorrection, [Double]> = [
      .hc0: [1.02152067138854474, 0.02996699109268123, 0.00619457304155084, 0.32888206643192941],
      .hc1: [1.03250508044559730, 0.03028922606803759, 0.00626118326895786, 0.33241853441579056],
      .hc2: [1.03672334572855829, 0.03039394984287837, 0.00629173399023873, 0.33255271843959577],
      .hc3: [1.05222243955811767, 0.03082902201036916, 0.00639086136696625, 0.33627963787044651],
    ]
    for (correction, errors) in robust {
      expectClose(
        try fit.sandwich().heteroscedasticityConsistent(correction).standardErrors, errors, relative: 1e-9)
    }
  }

  @Test("Probit, complementary log-log and cauchit")
  func otherBinomialLinks() throws {
    check(
      try GeneralisedLinearModel(family: .binomial, link: .probit).fit(birthweight()),
      [0.81854972890087729, -0.02440740762533372, -0.00721493482284771, 0.41697551734518773],
      [0.59684982838067191, 0.01942624983926668, 0.00353813928919671, 0.19727669008753099],
      deviance: 222.666853890481, null: 234.671996193219, logLik: -111.333426945240)
    check(
      try GeneralisedLinearModel(family: .binomial, link: .cloglog).fit(birthweight()),
      [0.7599767275044567, -0.0301924557414494, -0.0100981034267029, 0.5197142522622802],
      [0.83852487990265423, 0.02703790241533308, 0.00520065498087084, 0.26382625336135218],
      deviance: 223.238796852777, null: 234.671996193219, logLik: -111.619398426388)
    check(
      try GeneralisedLinearModel(family: .binomial, link: .cauchit).fit(birthweight()),
      [1.4558263999856862, -0.0311228342815594, -0.0132017645873820, 0.5415779470860027],
      [1.10354967140428362, 0.03312165345279547, 0.00736409754199001, 0.31415121366989962],
      deviance: 224.002652495925, null: 234.671996193219, logLik: -112.001326247962)
  }

  @Test("Log-binomial, which R fits from a hand-made start only")
  func logBinomial() throws {
    let t = TestTable("birthwt")
    let data = regression(t.numbers("low"), ["smoke": t.numbers("smoke"), "ht": t.numbers("ht")])
    check(
      try GeneralisedLinearModel(family: .binomial, link: .log).fit(data),
      [-1.416733773960207, 0.441532879219491, 0.612310238628763],
      [0.162118326341778, 0.209860179297989, 0.268779350305824], deviance: 226.296654879140,
      null: 234.671996193219, logLik: -113.148327439570)
  }

  @Test("Binomial with prior weights, and with successes and failures")
  func binomialWeights() throws {
    let b = TestTable("birthwt")
    let weighted = regression(
      b.numbers("low"), ["smoke": b.numbers("smoke")], weights: b.numbers("ftv").map { $0 + 1 })
    check(
      try GeneralisedLinearModel(family: .binomial).fit(weighted), [-1.105002086766880, 0.569483850410518],
      [0.160000612086267, 0.242133539916577], deviance: 405.726891229410, null: 411.244457783065,
      logLik: -202.863445614705, bic: 416.210385259530)
    let e = TestTable("esoph")
    let cases = e.numbers("ncases")
    let trials = zip(cases, e.numbers("ncontrols")).map { $0 + $1 }
    let groups = ["35-44", "45-54", "55-64", "65-74", "75+"]
    let design =
      [[Double](repeating: 1, count: cases.count)] + groups.map { e.indicator("agegp", $0) }
    let grouped = RegressionData(
      design: Matrix(columns: design), columnNames: ["(Intercept)"] + groups,
      response: zip(cases, trials).map { $0 / $1 })
    check(
      try GeneralisedLinearModel(family: .binomial).fit(grouped, trials: trials),
      [
        -4.74493212836326, 1.69513263353899, 3.45557971243560, 3.96367768029304, 4.08882621948366,
        3.87589428133964,
      ],
      [
        1.00433841502731, 1.06069313229860, 1.01804852845355, 1.01384300708835, 1.01799382726298,
        1.05729692770705,
      ], deviance: 246.908928547833, null: 367.953457855934, logLik: -180.981924473304, bic: 388.827869833477)
  }

  @Test("Poisson rates with an offset, quasi-Poisson, square-root link")
  func poisson() throws {
    let t = TestTable("insurance")
    let holders = t.numbers("Holders")
    func design(_ columns: [[Double]]) -> Matrix {
      Matrix(columns: [[Double](repeating: 1, count: holders.count)] + columns)
    }
    // Levels sort as text in R's read.csv: "<1l", ">2l", "1-1.5l", "1.5-2l"; "<25", ">35", "25-29", "30-35".
    let g = [">2l", "1-1.5l", "1.5-2l"].map { t.indicator("Group", $0) }
    let a = [">35", "25-29", "30-35"].map { t.indicator("Age", $0) }
    let rates = RegressionData(
      design: design(g + a), columnNames: ["(Intercept)", "g1", "g2", "g3", "a1", "a2", "a3"],
      response: t.numbers("Claims"), offset: holders.map { log($0) })
    check(
      try GeneralisedLinearModel(family: .poisson).fit(rates),
      [
        -1.795269505562182, 0.569563639494870, 0.162484528091806, 0.394658886446030, -0.526915207386304,
        -0.187088981236571, -0.337154324594655,
      ],
      [
        0.0751868043427327, 0.0722664441817918, 0.0505167124620392, 0.0549836098141647, 0.0697668390345675,
        0.0828199441609936, 0.0812876533584006,
      ], deviance: 65.2912913856538, null: 236.2589588788605, logLik: -191.3064063175436,
      bic: 411.7249942186049)
    let quasi = RegressionData(
      design: design(g), columnNames: ["(Intercept)", "g1", "g2", "g3"], response: t.numbers("Claims"),
      offset: holders.map { log($0) })
    check(
      try GeneralisedLinearModel(family: .quasipoisson).fit(quasi),
      [-2.216821040318711, 0.552717599453755, 0.149260139618322, 0.388652543899229],
      [0.0719066295195648, 0.1203802795979455, 0.0842174956868982, 0.0916510704020883],
      deviance: 147.91114774743235, null: 236.25895887886051, logLik: nil, dispersion: 2.78693365581771)
    check(
      try GeneralisedLinearModel(family: .poisson, link: .sqrt).fit(
        regression(t.numbers("Claims"), ["Holders": holders])),
      [4.00128986518075092, 0.00568214136916098], [0.072589512097905831, 0.000101151336772746],
      deviance: 579.421706602547, null: 4236.678994127861, logLik: -448.371613925990, bic: 905.060994018700)
  }

  @Test("Gamma, inverse Gaussian and Gaussian")
  func measurements() throws {
    let t = TestTable("clotting")
    let u = t.numbers("u").map { log($0) }
    let lot1 = regression(t.numbers("lot1"), ["log(u)": u])
    check(
      try GeneralisedLinearModel(family: .gamma).fit(lot1), [-0.0165543817262003, 0.0153431149103247],
      [0.000927549138624151, 0.000414959642666335], deviance: 0.0167297151784834, null: 3.5128262638285168,
      logLik: -15.9949619747772083, bic: 38.5815976815630748, dispersion: 0.0024460362422596)
    check(
      try GeneralisedLinearModel(family: .gamma, link: .log).fit(
        regression(t.numbers("lot2"), ["log(u)": u])),
      [4.918757534121572, -0.567435603121297], [0.1855407444459403, 0.0539243356426164],
      deviance: 0.1531527923247371, null: 3.1185571236389587, logLik: -21.7420590296917915,
      bic: 50.0757917913922412, dispersion: 0.0231512236704116)
    check(
      try GeneralisedLinearModel(family: .inverseGaussian).fit(lot1),
      [-0.001107977045967630, 0.000721913896950607], [1.67541835097063e-04, 9.46866617027284e-05],
      deviance: 0.00693112834723450, null: 0.08779963125372367, logLik: -27.78742600884984881,
      bic: 62.16652574970835587, dispersion: 0.00110087197419747)
    check(
      try GeneralisedLinearModel(family: .inverseGaussian, link: .log).fit(lot1),
      [5.290404230671070, -0.541634914436406], [0.2036017366250792, 0.0532315714484545],
      deviance: 0.00356015070404542, null: 0.08779963125372367, logLik: -24.78943716061693792,
      bic: 56.17054805324253408, dispersion: 5.83444348771484e-04)
    check(
      try GeneralisedLinearModel(family: .gaussian, link: .log).fit(lot1),
      [5.997373677672691, -0.788931181029229], [0.1299104863456195, 0.0587091801583341],
      deviance: 248.0512651021720, null: 8115.9999999999991, logLik: -27.6942956759881, bic: 61.9802650839848,
      dispersion: 35.4358950145960)
    let s = TestTable("swiss")
    check(
      try GeneralisedLinearModel(family: .gaussian).fit(
        regression(
          s.numbers("Fertility"), ["Education": s.numbers("Education")], weights: s.numbers("Examination"))),
      [77.316956733485199, -0.776546201444545], [2.060919705306068, 0.111931663348262],
      deviance: 60535.113799602535, null: 125282.692696774204, logLik: -172.438198839222,
      bic: 356.426840483574, dispersion: 1345.224751102279)
  }

  @Test("Clusters")
  func clusters() throws {
    let t = TestTable("bacteria")
    let fit = try GeneralisedLinearModel(family: .binomial).fit(
      regression(t.indicator("y", "y"), ["week": t.numbers("week")]))
    check(
      fit, [1.957233758907683, -0.109692164865863], [0.2906403117432793, 0.0431147443210571],
      deviance: 210.908630111740, null: 217.375905114257, logLik: -105.454315055870)
    expectClose(
      try fit.clusteredCovariance(by: t.codes("ID")).standardErrors,
      [0.2818300679355629, 0.0368441068947192], relative: 1e-9)
  }
}

@Suite("Linear model against R")
struct LinearModelReference {
  @Test("Weights, information criteria and robust covariance")
  func weighted() throws {
    let s = TestTable("swiss")
    let fit = try LinearModel().fit(
      regression(
        s.numbers("Fertility"),
        ["Education": s.numbers("Education"), "Infant.Mortality": s.numbers("Infant.Mortality")],
        weights: s.numbers("Examination")))
    expectClose(
      fit.coefficients.map { $0! }, [41.809918235604158, -0.710311748975103, 1.747219451981963],
      relative: 1e-12)
    expectClose(
      fit.covariance.standardErrors, [7.6269627333216130, 0.0929146202587653, 0.3659579304120040],
      relative: 1e-12)
    expectClose(
      [
        fit.logLikelihood, fit.aic, fit.bic, fit.rSquared, fit.adjustedRSquared, fit.fTest!.statistic,
        fit.sigma,
      ],
      [
        -162.628521341167016, 333.257042682334031, 340.657633089174283, 0.681706771987851, 0.667238897987299,
        47.118655578686393, 30.104602740999859,
      ], relative: 1e-12)
    let robust: KeyValuePairs<HeteroscedasticityCorrection, [Double]> = [
      .hc0: [8.6203091797291673, 0.0698227987229485, 0.4217303684949526],
      .hc1: [8.9093379595942341, 0.0721638746520016, 0.4358704893765521],
      .hc2: [10.305958813063635, 0.074362973787858, 0.502041848626196],
      .hc3: [12.5637310860856424, 0.0800996082194304, 0.6099526843904891],
    ]
    for (correction, errors) in robust {
      expectClose(
        fit.sandwich().heteroscedasticityConsistent(correction).standardErrors, errors, relative: 1e-11)
    }
  }

  @Test("Clustered covariance of Petersen's panel")
  func petersen() throws {
    let t = TestTable("petersen")
    let fit = try LinearModel().fit(regression(t.numbers("y"), ["x": t.numbers("x")]))
    let covariance = fit.clusteredCovariance(by: t.codes("firm"))
    #expect(covariance.kind == .clustered("CR1"))
    expectClose(
      covariance.matrix.storage,
      [4.49070245701952e-03, -6.47351660912779e-05, -6.47351660912779e-05, 2.55992747773186e-03],
      relative: 1e-10)
  }
}
