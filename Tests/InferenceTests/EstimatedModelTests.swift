import Inference
import LinearAlgebra
import ModelFormula
import TestSupport
import Testing

@Suite("Estimated models")
struct EstimatedModelTests {
  @Test("a combination through an aliased column is not estimable")
  func estimability() {
    // The third column is the sum of the first two.
    let design = Matrix(columns: [[1, 1, 1, 1], [0, 1, 2, 3], [1, 2, 3, 4]])
    let model = EstimatedModel(
      coefficients: [2, 0.5, nil], covariance: .identity(2), design: design,
      reference: { _ in .t(2) })
    #expect(!model.isEstimable([0, 1, 0]))
    #expect(model.isEstimable([1, 2, 3]))
    expectClose(model.estimate([1, 2, 3])!, 3, relative: 1e-12)
    #expect(model.estimate([0, 0, 1]) == nil)
  }

  @Test("Wald's statistic of independent estimates is the sum of squared z")
  func wald() throws {
    let model = EstimatedModel(
      coefficients: [3, -4], covariance: .diagonal([1, 4]), reference: { _ in .normal })
    let test = try model.test(.identity(2))
    expectClose(test.statistic, 9 + 4, relative: 1e-12)
    #expect(test.df == 2)
    // A repeated row adds nothing.
    let repeated = try model.test(Matrix(rowMajor: [[1, 0], [0, 1], [1, 1]]))
    expectClose(repeated.statistic, 13, relative: 1e-12)
    #expect(repeated.df == 2)
  }

  @Test("marginal means average the cells of the other factor with equal weight")
  func marginalMeans() throws {
    // y = 1 + 2·[a = y] + 10·[b = q] + 100·x at x = 0.3: means over b are 1 + 2a + 5 + 30.
    let grid = [
      GridVariable(name: "a", values: .levels(["n", "y"])),
      GridVariable(name: "b", values: .levels(["p", "q"])),
      GridVariable(name: "x", values: .mean(0.3)),
    ]
    let model = EstimatedModel(
      coefficients: [1, 2, 10, 100], covariance: .identity(4), reference: { _ in .t(10) })
    let means = try MarginalMeans(
      MarginalMeansSpecification("pairwise ~ a"), model: model, grid: grid,
      design: { table in
        guard case .categorical(let a, _)? = table["a"], case .categorical(let b, _)? = table["b"],
          case .numeric(let x)? = table["x"]
        else { return Matrix(rows: 0, columns: 4) }
        return Matrix(columns: [a.map { _ in 1 }, a.map(Double.init), b.map(Double.init), x])
      }, level: 0.95, adjustment: .none)
    expectClose(means.means.compactMap(\.estimate), [36, 38], relative: 1e-12)
    #expect(means.contrasts.map(\.contrast) == ["n - y"])
    expectClose(means.contrasts[0].estimate!, -2, relative: 1e-12)
    // Var(mean) = 1 + a + 1/4 + 0.09.
    expectClose(means.means[1].standardError!, (1.0 + 1 + 0.25 + 0.09).squareRoot(), relative: 1e-12)
  }

  @Test("levels that hold an operator stand in parentheses in contrasts, as emmeans writes them")
  func operatorsInLevels() throws {
    let model = EstimatedModel(
      coefficients: [1, 2, 3], covariance: .identity(3), reference: { _ in .normal })
    let means = try MarginalMeans(
      MarginalMeansSpecification("pairwise ~ age"), model: model,
      grid: [GridVariable(name: "age", values: .levels(["<25", "25-34", "35+"]))],
      design: { _ in .identity(3) }, level: 0.95, adjustment: .none)
    // R: emmeans(lm(y ~ age), pairwise ~ age)$contrasts.
    #expect(means.contrasts.map(\.contrast) == ["<25 - (25-34)", "<25 - (35+)", "(25-34) - (35+)"])
    #expect(means.means.map { $0.levels[0].label } == ["<25", "25-34", "35+"])
  }

  /// R's emmeans 1.8.4: such labels stand in parentheses, and a family counts contrasts that cannot be estimated.
  @Test("contrasts of levels with marks of arithmetic, and of an empty cell")
  func contrasts() throws {
    // Cell means of three groups, of which the last has no column of its own that could be estimated.
    let model = EstimatedModel(
      coefficients: [1, 3, nil], covariance: .identity(2),
      design: Matrix(columns: [[1, 0, 0], [0, 1, 0], [0, 0, 0]]), reference: { _ in .t(10) })
    let grid = [GridVariable(name: "g", values: .levels(["0-10", "b", "c/d e"]))]
    func pairs(_ adjustment: MultiplicityAdjustment) throws -> [MarginalMeans.Row] {
      try MarginalMeans(
        MarginalMeansSpecification("pairwise ~ g"), model: model, grid: grid,
        design: { _ in .identity(3) }, level: 0.95, adjustment: adjustment
      ).contrasts
    }
    let plain = try pairs(.none)
    #expect(plain.map(\.contrast) == ["(0-10) - b", "(0-10) - (c/d e)", "b - (c/d e)"])
    #expect(plain.map { $0.estimate == nil } == [false, true, true])
    #expect(MarginalMeans.contrastName("g", "0-10", "b", among: ["0-10", "b", "c/d e"]) == plain[0].contrast)
    #expect(MarginalMeans.contrastName("arm", "0", "1", among: ["0", "1"]) == "arm0 - arm1")
    for adjustment in [MultiplicityAdjustment.holm, .bonferroni] {
      expectClose(try pairs(adjustment)[0].pValue!, 3 * plain[0].pValue!, relative: 1e-12)
    }
  }

  @Test("specifications read as emmeans' do")
  func specifications() throws {
    let pairs = try MarginalMeansSpecification("pairwise ~ `a b` * c | d")
    #expect(pairs.variables == ["a b", "c"])
    #expect(pairs.by == ["d"])
    #expect(pairs.pairwise)
    #expect(try MarginalMeansSpecification("arm").variables == ["arm"])
    #expect(throws: MarginalMeansError.self) { try MarginalMeansSpecification("revpairwise ~ a") }
    #expect(throws: MarginalMeansError.self) { try MarginalMeansSpecification("~ a | b | c") }
    #expect(throws: MarginalMeansError.self) { try MarginalMeansSpecification("~ a + ") }
  }

  @Test("a misspelt variable is answered with the nearest name")
  func unknownVariable() throws {
    let model = EstimatedModel(
      coefficients: [1], covariance: .identity(1), reference: { _ in .normal })
    #expect(throws: MarginalMeansError.unknownVariable("armm", nearest: ["arm"])) {
      try MarginalMeans(
        MarginalMeansSpecification("~ armm"), model: model,
        grid: [GridVariable(name: "arm", values: .levels(["a", "b"]))],
        design: { _ in Matrix(rows: 2, columns: 1, repeating: 1) }, level: 0.95,
        adjustment: .none)
    }
  }
}

@Suite("Standardisation")
struct StandardisationTests {
  @Test("a saturated identity model gives back the raw risks and their difference")
  func saturated() {
    // Risks 0.2 and 0.5 with variances 0.01 and 0.02, uncorrelated: β = (0.2, 0.3).
    let v = Matrix(rowMajor: [[0.01, -0.01], [-0.01, 0.03]])
    let model = EstimatedModel(
      coefficients: [0.2, 0.3], covariance: v, reference: { _ in .normal })
    let rows = Standardisation(
      designs: [
        ("no", Matrix(columns: [[1, 1, 1], [0, 0, 0]])),
        ("yes", Matrix(columns: [[1, 1, 1], [1, 1, 1]])),
      ], offset: nil, model: model, inverseLink: { $0 }, derivative: { _ in 1 }, level: 0.95
    ).rows
    expectClose(rows.map(\.estimate), [0.2, 0.5, 0.3, 2.5], relative: 1e-12)
    expectClose(rows[1].standardError!, 0.02.squareRoot(), relative: 1e-12)
    expectClose(rows[2].standardError!, 0.03.squareRoot(), relative: 1e-12)
    // log ratio: variance 0.01/0.04 + 0.02/0.25.
    expectClose(
      rows[3].high, 2.5 * 3.0830322156435837, relative: 1e-6, because: "exp(1.959964·√0.33)")
  }
}
