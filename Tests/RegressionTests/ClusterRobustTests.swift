import Inference
import LinearAlgebra
import Regression
import TestSupport
import Testing

/// R 4.2.2, clubSandwich 0.5.8: `coef_test(fit, vcov = type, cluster = , test = "Satterthwaite")`.
@Suite("Covariance over clusters with small-sample corrections")
struct ClusterRobustTests {
  private var bacteria: (data: RegressionData, patients: [Int]) {
    let t = TestTable("bacteria")
    return (
      regression(
        t.indicator("y", "y"),
        [
          "trtdrug+": t.indicator("trt", "drug+"), "trtplacebo": t.indicator("trt", "placebo"),
          "week": t.numbers("week"),
        ]), t.codes("ID")
    )
  }

  @Test(
    "A logistic regression of repeated tests",
    arguments: [
      (
        ClusterRobustCovariance.Correction.cr2,
        [0.4062548013417, 0.5096659144320, 0.5741523922175, 0.0384343709387],
        [21.4739241796, 25.0944721477, 31.5443912283, 43.8934194227]
      ),
      (
        .cr3, [0.419737800797, 0.529231396378, 0.591638581295, 0.038976178051],
        [21.0181396129, 24.9611636512, 31.3293496467, 43.7891979162]
      ),
    ])
  func logistic(correction: ClusterRobustCovariance.Correction, errors: [Double], df: [Double]) throws {
    let (data, patients) = bacteria
    let fit = try GeneralisedLinearModel(family: .binomial).fit(data)
    let adjusted = try fit.clusterRobust(by: patients).adjusted(correction)
    expectClose(adjusted.covariance.standardErrors, errors, relative: 1e-8, because: "glm stops at 1e-14")
    let units = (0..<4).map { j in (0..<4).map { $0 == j ? 1.0 : 0 } }
    expectClose(units.map { adjusted.degreesOfFreedom($0) }, df, relative: 1e-8)
  }

  /// R 4.2.2, clubSandwich 0.5.8: `Wald_test(fit, vcovCR(fit, type, cluster), constrain_zero(…), test = "HTZ")`: F, its
  /// denominator's degrees of freedom and p for both treatments, for all three covariates, and for the week.
  @Test(
    "Several coefficients together: Hotelling's T² with degrees of freedom by moments",
    arguments: [
      (
        "glm", ClusterRobustCovariance.Correction.cr1,
        [
          [1.881018933229, 31.54107857794, 0.1691394554926],
          [3.712055930507, 35.58550975156, 0.02015674033195],
          [9.12598933373, 43.99606784617, 0.004187468746069],
        ]
      ),
      (
        "glm", .cr2,
        [
          [1.807058874916, 31.33353099835, 0.1808257244448],
          [3.654877261359, 35.39825438462, 0.02147124686764],
          [9.073716593667, 43.89341942266, 0.004292014128029],
        ]
      ),
      (
        "lm", .cr2,
        [
          [1.956926256212, 29.91190239469, 0.1589645984488],
          [3.514772036132, 35.20273664384, 0.024983442184],
          [7.483719426017, 46.27831368527, 0.008798678572166],
        ]
      ),
      (
        "lm", .cr3,
        [
          [1.834661823437, 29.67143293034, 0.1773229132807],
          [3.376277002467, 35.01115015914, 0.02903579241127],
          [7.307885737815, 46.28014920472, 0.009569936577522],
        ]
      ),
      (
        "weighted lm", .cr2,
        [
          [1.565185386729, 28.72808390807, 0.2263577187898],
          [3.087945247123, 30.35934067747, 0.0418011887956],
          [6.595896083549, 30.46891353361, 0.01535602165245],
        ]
      ),
    ])
  func joint(model: String, correction: ClusterRobustCovariance.Correction, expected: [[Double]]) throws {
    var (data, patients) = bacteria
    if model == "weighted lm" { data.weights = data.response.indices.map { [1, 2, 0.5, 3][$0 % 4] } }
    let coefficients: [Double?]
    let parts: ClusterRobustCovariance
    if model == "glm" {
      let fit = try GeneralisedLinearModel(family: .binomial).fit(data)
      (coefficients, parts) = (fit.coefficients, fit.clusterRobust(by: patients))
    } else {
      let fit = try LinearModel().fit(data)
      (coefficients, parts) = (fit.coefficients, fit.clusterRobust(by: patients))
    }
    let adjusted = try parts.adjusted(correction)
    let estimated = EstimatedModel(
      coefficients: coefficients, covariance: adjusted.covariance.matrix, reference: { _ in .normal })
    for (columns, values) in zip([[1, 2], [1, 2, 3], [3]], expected) {
      let contrasts = Matrix(rowMajor: columns.map { j in (0..<4).map { $0 == j ? 1 : 0 } })
      let test = try adjusted.hotelling(contrasts, wald: estimated.waldStatistic(contrasts).statistic)
      expectClose(
        [test.statistic, try #require(test.df2), test.pValue], values, relative: 1e-7,
        because: "glm stops at 1e-14 of the deviance")
      #expect(test.df == Double(columns.count))
      // The test of a space of contrasts knows nothing of how they are written.
      let mixed = Matrix(
        rowMajor: columns.indices.map { i in
          (0..<4).map { k in
            contrasts.row(i)[k] * 3 + (i > 0 ? contrasts.row(0)[k] : 0)
          }
        })
      let same = try adjusted.hotelling(mixed, wald: estimated.waldStatistic(mixed).statistic)
      expectClose(same.statistic, test.statistic, relative: 1e-9)
      expectClose(same.df2!, test.df2!, relative: 1e-9)
    }
  }

  @Test("With as few clusters as contrasts there is no p-value")
  func tooFewClusters() throws {
    let data = regression([1, 3, 2, 5, 4, 7], ["x": [0, 1, 2, 0, 1, 2], "z": [1, 0, 2, 2, 0, 1]])
    let fit = try LinearModel().fit(data)
    let adjusted = try fit.clusterRobust(by: [0, 0, 1, 1, 2, 2]).adjusted(.cr2)
    let test = try adjusted.hotelling(Matrix.identity(3), wald: 6)
    #expect(test.df2 == nil && test.pValue.isNaN)
    #expect(test.statistic == 2)
    // η = 1.967985 for the two slopes alone: the same sums over clusters with plain matrices in R.
    let slopes = try adjusted.hotelling(Matrix(rowMajor: [[0, 1, 0], [0, 0, 1]]), wald: 6)
    expectClose(slopes.df2!, 0.9679852, relative: 1e-6)
  }

  @Test("Of clusters of one row CR0, CR2 and CR3 are HC0, HC2 and HC3")
  func singletons() throws {
    let data = regression([1, 2, 4, 3, 7, 5], ["x": [0, 1, 2, 5, 6, 3]])
    let fit = try LinearModel().fit(data)
    let parts = fit.clusterRobust(by: Array(0..<6))
    for (own, row) in [
      (ClusterRobustCovariance.Correction.cr0, HeteroscedasticityCorrection.hc0), (.cr2, .hc2), (.cr3, .hc3),
    ] {
      expectClose(
        try parts.adjusted(own).covariance.matrix.storage,
        fit.sandwich().heteroscedasticityConsistent(row).matrix.storage, relative: 1e-11)
    }
  }

  @Test("Balanced groups in a one-way layout: the degrees of freedom of a difference are 2(G − 1)")
  func balanced() throws {
    // Treatment varies between clusters: three of each arm, all of one size.
    let y: [Double] = [1, 2, 2, 4, 3, 5, 6, 5, 8, 7, 9, 9]
    let arm = [Double](repeating: 0, count: 6) + [Double](repeating: 1, count: 6)
    let fit = try LinearModel().fit(regression(y, ["arm": arm]))
    let parts = fit.clusterRobust(by: (0..<12).map { $0 / 2 })
    expectClose(try parts.adjusted(.cr2).degreesOfFreedom([0, 1]), 4, relative: 1e-10)
    // CR2 is then the unpooled variance of cluster means: s²/3 in each arm.
    var means: [Double] = []
    for k in 0..<6 { means.append((y[2 * k] + y[2 * k + 1]) / 2) }
    var expected = 0.0
    for first in [0, 3] {
      let three = Array(means[first..<(first + 3)])
      let centre = three.reduce(0, +) / 3
      for mean in three { expected += (mean - centre) * (mean - centre) / 6 }
    }
    expectClose(
      try parts.adjusted(.cr2).covariance.matrix[1, 1], expected, relative: 1e-11)
  }

  @Test(
    "The order of the rows and the names of clusters change nothing; a rescaled covariate rescales its error")
  func invariance() throws {
    let (data, patients) = bacteria
    let order = scrambled(data.rowCount)
    let model = try GeneralisedLinearModel(family: .binomial)
    let plain = try model.fit(data).clusterRobust(by: patients).adjusted(.cr2)
    let other = try model.fit(data.permuted(order)).clusterRobust(by: order.map { 1000 - patients[$0] })
      .adjusted(.cr2)
    expectClose(other.covariance.matrix.storage, plain.covariance.matrix.storage, relative: 1e-9)
    expectClose(other.degreesOfFreedom([0, 1, 0, 0]), plain.degreesOfFreedom([0, 1, 0, 0]), relative: 1e-9)
    var scaled = data
    scaled.design.setColumn(3, data.design.column(3).map { $0 * 1000 })
    let rescaled = try model.fit(scaled).clusterRobust(by: patients).adjusted(.cr2)
    expectClose(
      rescaled.covariance.standardErrors[3], plain.covariance.standardErrors[3] / 1000, relative: 1e-8)
  }
}
