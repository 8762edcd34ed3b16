import LinearAlgebra

/// The variance that random effects give to linear predictors, s² = Σ z'ΛΛ'z over the terms.
struct RandomEffectsSpread: Sendable {
  /// A correlated set of effects: the term it comes from, its columns there, and its first parameter.
  private struct Part {
    let term: Int
    let columns: [Int]
    let firstParameter: Int
  }

  private let parts: [Part]
  /// θ on the scale of the user's columns.
  private let theta: [Double]

  /// - Parameter theta: the layout's θ.
  init(_ layout: RandomEffectsLayout, theta: [Double]) {
    parts = layout.terms.map {
      Part(term: $0.source, columns: $0.sourceColumns, firstParameter: $0.firstParameter)
    }
    self.theta = layout.userTheta(theta)
  }

  /// s² of a row, and its gradient in θ.
  ///
  /// - Parameters:
  ///   - row: the row.
  ///   - designs: the design of each random-effect term, in the order of the model's terms.
  ///   - gradient: overwritten; one place an element of θ.
  func variance(row: Int, designs: [Matrix], gradient: inout [Double]) -> Double {
    var sum = 0.0
    for part in parts {
      let z = designs[part.term]
      let q = part.columns.count
      var k = part.firstParameter
      for l in 0..<q {
        // v = (Λ'z)_l over the lower triangle's column l.
        var v = 0.0
        for i in l..<q { v += theta[k + i - l] * z[row, part.columns[i]] }
        sum += v * v
        for i in l..<q { gradient[k + i - l] = 2 * v * z[row, part.columns[i]] }
        k += q - l
      }
    }
    return sum
  }
}
