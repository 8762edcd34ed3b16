import LinearAlgebra
import TestSupport
import Testing

@testable import Regression

@Suite("Least squares of groups that share no row")
struct GroupMeansTests {
  private let y = [3.0, 5, 0, 9.5, 2, 8, 1, 4]
  private let group = [0, 1, 2, 1, 0, 2, 2, 1]

  private func data(_ change: (inout Matrix) -> Void = { _ in }) -> RegressionData {
    var design = Matrix(rows: 8, columns: 3)
    for row in 0..<8 {
      design[row, 0] = 1
      for column in 1...2 { design[row, column] = group[row] == column ? 1 : 0 }
    }
    change(&design)
    return RegressionData(
      design: design, columnNames: ["(Intercept)", "armB", "armC"], response: y, hasIntercept: true)
  }

  @Test("coefficients are those of the factorised model, of all rows and of rows that repeat")
  func agrees() throws {
    let means = try #require(GroupMeans(data()))
    for rows in [Array(0..<8), [0, 0, 4, 1, 3, 3, 2, 5, 6, 6]] {
      let sampled = try LinearModel().fit(data().selecting(rows: rows))
      expectClose(
        try #require(means.coefficients(rows: rows)), sampled.coefficients.map { $0! }, relative: 1e-13)
    }
  }

  @Test("a group without rows has no coefficient, and other designs are no groups")
  func refused() throws {
    #expect(try #require(GroupMeans(data())).coefficients(rows: [0, 1, 1, 4]) == nil)
    #expect(GroupMeans(data { $0[1, 2] = 1 }) == nil)
    #expect(GroupMeans(data { $0[1, 1] = 2 }) == nil)
    #expect(GroupMeans(data { $0[0, 0] = 0 }) == nil)
    var weighted = data()
    weighted.weights = [Double](repeating: 1, count: 8)
    #expect(GroupMeans(weighted) == nil)
  }
}
