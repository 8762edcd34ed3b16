import LinearAlgebra

/// What a regression is fitted to: a design matrix, a response, and how rows count.
public struct RegressionData: Sendable {
  /// The design matrix X, n × p, in chunks of rows or in one piece.
  public var columns: TallMatrix
  /// The names of X's columns, as R spells them.
  public var columnNames: [String]
  /// The response y, n values.
  public var response: [Double]
  /// The prior weights, n values, none negative; nil for 1 each. A row of weight 0 takes no part in the fit.
  public var weights: [Double]?
  /// A known part of the linear predictor, n values; nil for 0.
  public var offset: [Double]?
  /// True where the model has an intercept: the null model and R² then allow for a mean.
  public var hasIntercept: Bool

  /// Collects the data of a regression.
  ///
  /// - Parameter hasIntercept: by default, whether a column is named `(Intercept)`.
  /// - Precondition: names, weights and offset fit the design's shape.
  public init(
    columns design: TallMatrix, columnNames: [String], response: [Double], weights: [Double]? = nil,
    offset: [Double]? = nil, hasIntercept: Bool? = nil
  ) {
    let n = design.rows
    precondition(
      columnNames.count == design.columns, "\(columnNames.count) names for \(design.columns) columns")
    precondition(response.count == n, "\(response.count) responses for \(n) rows")
    precondition(weights.map { $0.count == n } ?? true, "\(weights?.count ?? 0) weights for \(n) rows")
    precondition(offset.map { $0.count == n } ?? true, "\(offset?.count ?? 0) offsets for \(n) rows")
    columns = design
    self.columnNames = columnNames
    self.response = response
    self.weights = weights
    self.offset = offset
    self.hasIntercept = hasIntercept ?? columnNames.contains("(Intercept)")
  }

  /// Collects the data of a regression whose design is in one piece.
  ///
  /// - Parameter hasIntercept: by default, whether a column is named `(Intercept)`.
  /// - Precondition: names, weights and offset fit the design's shape.
  public init(
    design: Matrix, columnNames: [String], response: [Double], weights: [Double]? = nil,
    offset: [Double]? = nil, hasIntercept: Bool? = nil
  ) {
    self.init(
      columns: TallMatrix(design), columnNames: columnNames, response: response, weights: weights,
      offset: offset, hasIntercept: hasIntercept)
  }

  /// The design matrix in one piece; of a large one that stands in columns a copy is made on first request.
  public var design: Matrix {
    get { columns.matrix }
    set { columns = TallMatrix(newValue) }
  }
  /// The number of rows.
  public var rowCount: Int { columns.rows }
  /// The number of columns of the design.
  public var columnCount: Int { columns.columns }

  /// True where the first column is the intercept's and holds nothing but ones.
  var hasLeadingIntercept: Bool {
    hasIntercept && columnNames.first == "(Intercept)" && columns.isConstant(column: 0, 1)
  }

  /// The rows with a positive weight, ascending; nil where all have.
  var weightedRows: [Int]? {
    guard let weights, weights.contains(0) else { return nil }
    return weights.indices.filter { weights[$0] > 0 }
  }

  /// The data of the chosen rows.
  func selecting(rows: [Int]) -> RegressionData {
    RegressionData(
      design: design.selecting(rows: rows), columnNames: columnNames,
      response: rows.map { response[$0] }, weights: weights.map { w in rows.map { w[$0] } },
      offset: offset.map { o in rows.map { o[$0] } }, hasIntercept: hasIntercept)
  }

  /// Checks what every regression asks of its data.
  func validate() throws(RegressionError) {
    guard rowCount > 0 else { throw .noRows }
    if !columns.isFinite {
      let x = design
      for j in 0..<columnCount {
        for i in 0..<rowCount where !x[i, j].isFinite {
          throw .notFinite(variable: columnNames[j], row: i)
        }
      }
    }
    func check(_ values: [Double]?, _ name: String) throws(RegressionError) {
      guard let values, !values.withUnsafeBufferPointer({ allFinite($0) }),
        let row = values.firstIndex(where: { !$0.isFinite })
      else { return }
      throw .notFinite(variable: name, row: row)
    }
    try check(response, "response")
    try check(weights, "weights")
    try check(offset, "offset")
    if let weights {
      if let row = weights.firstIndex(where: { $0 < 0 }) { throw .negativeWeight(row: row) }
      guard weights.contains(where: { $0 > 0 }) else { throw .noRows }
    }
  }
}
