import Glibc
import LinearAlgebra
import Regression

/// A small CSV file of the tests' `Data` folder: the columns by name, as text.
struct TestTable {
  private var columns: [String: [String]] = [:]
  let rowCount: Int

  init(_ name: String, file: String = #filePath) {
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
      separator: "/")
    guard let handle = fopen("\(folder)/Data/\(name).csv", "r") else {
      preconditionFailure("no test data \(name)")
    }
    defer { fclose(handle) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&buffer, 1, buffer.count, handle)
      if count == 0 { break }
      bytes += buffer[0..<count]
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map {
        String($0.filter { $0 != "\"" && $0 != "\r" })
      }
    }
    for (j, header) in lines[0].enumerated() { columns[header] = lines.dropFirst().map { $0[j] } }
    rowCount = lines.count - 1
  }

  /// A column of text.
  func text(_ name: String) -> [String] { columns[name]! }
  /// A column of numbers; NaN where the field is not one.
  func numbers(_ name: String) -> [Double] { columns[name]!.map { Double($0) ?? .nan } }
  /// A column's 0/1 indicator of a level.
  func indicator(_ name: String, _ level: String) -> [Double] { columns[name]!.map { $0 == level ? 1 : 0 } }
  /// Codes of a column's values by first appearance.
  func codes(_ name: String) -> [Int] {
    var known: [String: Int] = [:]
    return columns[name]!.map { value in
      if let code = known[value] { return code }
      known[value] = known.count
      return known.count - 1
    }
  }
}

/// The data of a regression with an intercept and named columns.
func regression(
  _ response: [Double], _ columns: KeyValuePairs<String, [Double]>, intercept: Bool = true,
  weights: [Double]? = nil, offset: [Double]? = nil
) -> RegressionData {
  var names: [String] = []
  var values: [[Double]] = []
  if intercept {
    names.append("(Intercept)")
    values.append([Double](repeating: 1, count: response.count))
  }
  for (name, column) in columns {
    names.append(name)
    values.append(column)
  }
  return RegressionData(
    design: Matrix(columns: values, rows: response.count), columnNames: names, response: response,
    weights: weights, offset: offset)
}

extension RegressionData {
  /// The same data with the rows in another order.
  func permuted(_ order: [Int]) -> RegressionData {
    RegressionData(
      design: design.selecting(rows: order), columnNames: columnNames,
      response: order.map { response[$0] }, weights: weights.map { w in order.map { w[$0] } },
      offset: offset.map { o in order.map { o[$0] } })
  }
}

/// 0, 7, 14, … modulo n: a fixed order of rows that is not theirs (n must not be a multiple of 7).
func scrambled(_ count: Int) -> [Int] { (0..<count).map { ($0 * 7 + 3) % count } }
