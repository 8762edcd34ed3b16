import Inference
import LinearAlgebra
import TestSupport
import Testing

// Reference values: mice 3.15.0, R 4.2.2: pool.scalar(), and pool() of lm(bmi ~ age + hyp) on five imputations of nhanes
// by mice(nhanes, seed = 3, m = 5).

private let estimates = [1.25, 0.98, 1.41, 1.10, 1.33]
private let variances = [0.09, 0.11, 0.10, 0.095, 0.105]

@Test("One estimate pools as in mice's pool.scalar, with and without complete-data degrees of freedom")
func scalar() {
  let endless = PooledEstimate(estimates: estimates, variances: variances)
  expectClose(
    [
      endless.estimate, endless.withinVariance, endless.betweenVariance, endless.totalVariance,
      endless.degreesOfFreedom(), endless.relativeIncrease, endless.missingInformation(),
    ], [1.214, 0.1, 0.03023, 0.136276, 56.449481870781554, 0.36276, 0.290881746551355], relative: 1e-12)
  let small = PooledEstimate(estimates: estimates, variances: variances, completeDF: 45)
  expectClose(
    [small.degreesOfFreedom(), small.missingInformation()], [20.277729323582584, 0.329242884485369],
    relative: 1e-12)
  expectClose(small.degreesOfFreedom(.rubin), 56.449481870781554, relative: 1e-12)
}

@Test("Three coefficients of nhanes pool as in mice, and together as Li, Raghunathan and Rubin say")
func nhanes() throws {
  let coefficients = [
    [28.34713114754098, -3.77131147540984, 4.07233606557377],
    [26.88172839506174, -2.22345679012346, 2.38962962962963],
    [30.798954703832756, -2.677526132404181, 0.720557491289198],
    [30.523798627002275, -2.528832951945080, 0.121052631578949],
    [29.22879581151832, -2.19162303664921, 1.35916230366492],
  ]
  // Variances and covariances of (Intercept), age, hyp: lower triangles column by column.
  let triangles = [
    [
      6.110567807712980, -0.864120700080623, -2.931838089559259, 1.111012328675087, -0.802397792932008,
      3.194160444940877,
    ],
    [
      5.868543747488608, -0.574221501711213, -3.583142170677977, 1.148443003422427, -1.205865153593549,
      4.754554034168850,
    ],
    [
      5.678346877797145, -0.411102036401602, -3.520061186688729, 1.464551004680711, -1.747183654706813,
      5.318632595945740,
    ],
    [
      5.933962189960392, -0.852392358778839, -3.016157577217438, 1.032706126982056, -0.754039394304358,
      3.393177274369615,
    ],
    [
      5.676280728947322, -0.667797732817331, -2.876667156751584, 1.232857352893536, -1.104434711967126,
      3.544464889568917,
    ],
  ]
  let covariances = triangles.map { t in
    Matrix(rowMajor: [[t[0], t[1], t[2]], [t[1], t[3], t[4]], [t[2], t[4], t[5]]])
  }
  let pooled = PooledCoefficients(estimates: coefficients, covariances: covariances, completeDF: 22)
  let rows = zip(["(Intercept)", "age", "hyp"], pooled.pooled).map { $1.coefficient(term: $0) }
  expectClose(
    rows.map { $0.estimate! }, [29.15608173699122, -2.67855007730635, 1.73254762434729], relative: 1e-12)
  expectClose(
    rows.map { $0.standardError! }, [2.99568957809830, 1.30235918163991, 2.63458628305381], relative: 1e-11)
  expectClose(rows.map { $0.df! }, [9.43605385685652, 10.92573813548602, 7.78173737455002], relative: 1e-10)
  expectClose(
    rows.map { $0.pValue! }, [3.15836056070890e-06, 6.44021945086338e-02, 5.29751634642537e-01],
    relative: 1e-9)
  let slopes = PooledCoefficients(
    estimates: coefficients.map { Array($0[1...]) },
    covariances: covariances.map { $0.selecting(rows: [1, 2]).selecting(columns: [1, 2]) })
  let joint = try slopes.jointTest()
  // R, written out from the paper's formulas.
  expectClose(
    [joint.statistic, joint.df2, joint.pValue], [2.044804010523360, 28.187666038647514, 0.148166774059672],
    relative: 1e-10)
}

@Test("Without differences between imputations nothing is lost")
func noDifference() {
  let same = PooledEstimate(estimates: [2, 2, 2], variances: [0.5, 0.5, 0.5])
  #expect(same.totalVariance == 0.5 && same.degreesOfFreedom() == .infinity && same.reference() == .normal)
  let small = PooledEstimate(estimates: [2, 2, 2], variances: [0.5, 0.5, 0.5], completeDF: 20)
  expectClose(small.degreesOfFreedom(), 21.0 / 23 * 20, relative: 1e-14)
}
