import LinearAlgebra

/// How the random-effect terms of a model are laid out for computation.
///
/// Terms of one grouping form a block, so that `(x || g)` stays block-diagonal over the levels of g. Inside, the design
/// columns of a term are replaced by Z T with T lower triangular such that T'Z'WZT = n I: then the relative covariance
/// factor is of order one whatever the units of the columns, and the user's factor is T Λ, lower triangular too.
struct RandomEffectsLayout: Sendable {
  /// A term after the expansion of uncorrelated ones into single columns.
  struct Term: Sendable {
    let group: String
    let columnNames: [String]
    let block: Int
    /// The first column of the term inside its block.
    let offset: Int
    /// The index of the term's first covariance parameter.
    let firstParameter: Int
    /// T, q × q lower triangular: b on the user's scale is T times b of the layout.
    let transform: Matrix
    /// The term among those given, and its columns there.
    let source: Int
    let sourceColumns: [Int]

    var width: Int { columnNames.count }
    var parameterCount: Int { width * (width + 1) / 2 }
  }

  /// The terms of one grouping.
  struct Block: Sendable {
    let group: String
    let levels: [String]
    let codes: [Int]
    /// Z T of all terms side by side, n × q.
    let design: Matrix
    /// The place of the block's q × q relative covariance factor in the flat storage of all factors.
    let lambdaOffset: Int

    var width: Int { design.columns }
    var randomEffectCount: Int { design.columns * levels.count }
  }

  /// A covariance parameter: an element of the lower triangle of a term's factor Λ (θ) or of ΛΛ' (relative covariance).
  struct Parameter: Sendable {
    let block: Int
    let row: Int
    let column: Int
    var isDiagonal: Bool { row == column }
  }

  /// The terms in lme4's order: most levels first, else as in the formula.
  let terms: [Term]
  /// The groupings in the order of their first term.
  let blocks: [Block]
  /// The parameters, term by term, each lower triangle column by column (lme4's order of θ).
  let parameters: [Parameter]
  /// The storage that the factors of all blocks need.
  let lambdaCount: Int

  /// Lays out terms.
  ///
  /// - Parameter rootWeights: square roots of the prior weights, one a row.
  init(_ given: [RandomEffectDesign], rootWeights: [Double]) throws(MixedModelError) {
    var single: [RandomEffectDesign] = []
    var sources: [(term: Int, columns: [Int])] = []
    for (number, term) in given.enumerated() {
      guard term.design.isFinite else { throw .notFinite("design of the random effects") }
      if term.isCorrelated || term.columnNames.count == 1 {
        single.append(term)
        sources.append((number, Array(term.columnNames.indices)))
      } else {
        for j in 0..<term.columnNames.count {
          sources.append((number, [j]))
          single.append(
            RandomEffectDesign(
              group: term.group, columnNames: [term.columnNames[j]],
              design: term.design.selecting(columns: [j]), codes: term.codes, levels: term.levels))
        }
      }
    }
    let used = single.map { Self.withoutEmptyLevels($0) }
    let order = used.indices.sorted { a, b in
      (used[b].levels.count, a) < (used[a].levels.count, b)
    }
    var groups: [String] = []
    for i in order where !groups.contains(used[i].group) { groups.append(used[i].group) }
    var terms: [Term] = []
    var parameters: [Parameter] = []
    var designs = [Matrix?](repeating: nil, count: groups.count)
    var grouping = [RandomEffectDesign?](repeating: nil, count: groups.count)
    for i in order {
      let term = used[i]
      let block = groups.firstIndex(of: term.group)!
      if let first = grouping[block] {
        guard first.codes == term.codes else { throw .inconsistentGrouping(term.group) }
      } else {
        grouping[block] = term
      }
      let offset = designs[block]?.columns ?? 0
      let transform = Self.normalisingTransform(of: term.design, rootWeights: rootWeights)
      terms.append(
        Term(
          group: term.group, columnNames: term.columnNames, block: block, offset: offset,
          firstParameter: parameters.count, transform: transform, source: sources[i].term,
          sourceColumns: sources[i].columns))
      for column in 0..<term.columnNames.count {
        for row in column..<term.columnNames.count {
          parameters.append(Parameter(block: block, row: offset + row, column: offset + column))
        }
      }
      let design = term.design * transform
      designs[block] = designs[block].map { $0.appending(columnsOf: design) } ?? design
    }
    var blocks: [Block] = []
    var lambdaCount = 0
    for (k, group) in groups.enumerated() {
      let design = designs[k]!
      blocks.append(
        Block(
          group: group, levels: grouping[k]!.levels, codes: grouping[k]!.codes, design: design,
          lambdaOffset: lambdaCount))
      lambdaCount += design.columns * design.columns
    }
    self.terms = terms
    self.blocks = blocks
    self.parameters = parameters
    self.lambdaCount = lambdaCount
  }

  /// θ of equal unit variances without correlation: lme4's start, each variance being that of the residual.
  var start: [Double] { parameters.map { $0.isDiagonal ? 1 : 0 } }

  /// The lower bounds of θ: 0 on the diagonal.
  var lowerBounds: [Double] { parameters.map { $0.isDiagonal ? 0 : -.infinity } }

  /// Writes the factors Λ of all blocks, each column-major, from θ.
  func fillLambda(_ theta: [Double], into lambda: inout [Double]) {
    for (parameter, value) in zip(parameters, theta) {
      let block = blocks[parameter.block]
      lambda[block.lambdaOffset + parameter.row + parameter.column * block.width] = value
    }
  }

  /// The factors Λ of all blocks from θ.
  func lambda(_ theta: [Double]) -> [Double] {
    var lambda = [Double](repeating: 0, count: lambdaCount)
    fillLambda(theta, into: &lambda)
    return lambda
  }

  /// The distinct elements of the relative covariances ΛΛ', in the order of the parameters.
  func relativeCovariances(_ theta: [Double]) -> [Double] {
    let lambda = lambda(theta)
    return parameters.map { parameter in
      let block = blocks[parameter.block]
      var sum = 0.0
      for k in 0..<block.width {
        sum +=
          lambda[block.lambdaOffset + parameter.row + k * block.width]
          * lambda[block.lambdaOffset + parameter.column + k * block.width]
      }
      return sum
    }
  }

  /// A block's factor as a matrix.
  func lambdaMatrix(block: Int, _ lambda: [Double]) -> Matrix {
    let q = blocks[block].width
    let offset = blocks[block].lambdaOffset
    return Matrix(rows: q, columns: q, storage: Array(lambda[offset..<(offset + q * q)]))
  }

  /// A term's factor on the scale of the user's columns, T Λ.
  func userFactor(of term: Term, theta: [Double]) -> Matrix {
    let q = term.width
    var factor = Matrix(rows: q, columns: q)
    var k = term.firstParameter
    for column in 0..<q {
      for row in column..<q {
        factor[row, column] = theta[k]
        k += 1
      }
    }
    return term.transform * factor
  }

  /// θ on the scale of the user's columns, in lme4's order.
  func userTheta(_ theta: [Double]) -> [Double] {
    terms.flatMap { term -> [Double] in
      let factor = userFactor(of: term, theta: theta)
      return (0..<term.width).flatMap { column in
        (column..<term.width).map { factor[$0, column] }
      }
    }
  }

  /// θ of the layout from θ on the scale of the user's columns: Λ = T⁻¹ times the user's factor.
  func layoutTheta(fromUser theta: [Double]) -> [Double] {
    precondition(theta.count == parameters.count, "\(theta.count) of \(parameters.count) parameters")
    return terms.flatMap { term -> [Double] in
      let q = term.width
      var result: [Double] = []
      var k = term.firstParameter
      for column in 0..<q {
        // Forward substitution with T, lower triangular.
        var x = [Double](repeating: 0, count: q)
        for row in column..<q {
          var sum = theta[k]
          for j in column..<max(row, column) { sum -= term.transform[row, j] * x[j] }
          x[row] = sum / term.transform[row, row]
          k += 1
        }
        result += x[column...]
      }
      return result
    }
  }

  private static func withoutEmptyLevels(_ term: RandomEffectDesign) -> RandomEffectDesign {
    var index = [Int](repeating: -1, count: term.levels.count)
    for code in term.codes { index[code] = 0 }
    if !index.contains(-1) { return term }
    var kept: [String] = []
    for (i, level) in term.levels.enumerated() where index[i] == 0 {
      index[i] = kept.count
      kept.append(level)
    }
    return RandomEffectDesign(
      group: term.group, columnNames: term.columnNames, design: term.design,
      codes: term.codes.map { index[$0] }, levels: kept, isCorrelated: term.isCorrelated)
  }

  /// T lower triangular with T'(Z'WZ / n)T = I; the inverse root mean squares alone where Z is near collinear.
  static func normalisingTransform(of z: Matrix, rootWeights: [Double]) -> Matrix {
    let q = z.columns
    let gram = (1 / Double(max(z.rows, 1))) * z.gram(weights: rootWeights.map { $0 * $0 })
    let scales = gram.diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 1 }
    // Columns in reverse, so that the factor of the inverse comes out lower triangular.
    let reversed = Array((0..<q).reversed())
    let correlation = gram.sandwiched(by: .diagonal(scales))
    guard q > 1, gram.diagonal.allSatisfy({ $0 > 0 }),
      let factor = try? CholeskyFactor(
        of: correlation.selecting(rows: reversed).selecting(columns: reversed)),
      factor.lower.diagonal.allSatisfy({ $0 > 1e-5 })
    else { return .diagonal(scales) }
    // G = U U' with U = J L J; T = U'⁻¹ column by column.
    var transform = Matrix(rows: q, columns: q)
    for j in 0..<q {
      var unit = [Double](repeating: 0, count: q)
      unit[q - 1 - j] = 1
      let column = factor.solveTransposedLower(unit)
      for i in 0..<q { transform[i, j] = i < j ? 0 : scales[i] * column[q - 1 - i] }
    }
    return transform
  }
}
