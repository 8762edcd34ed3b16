import Glibc
import ModelFormula

/// The design matrices that `Data/designs.R` computed with R 4.2.2, and the data they are from.
enum ReferenceDesigns {
  struct Design {
    var formula = ""
    var contrasts = Contrasts.treatment
    var rows: [Int] = []
    var terms: [String] = []
    var names: [String] = []
    var assign: [Int] = []
    var columns: [[Double]] = []
    var offset: [Double]?
    var newColumns: [[Double]] = []
  }

  static let trial = table("trial.csv")
  static let newData = table("newdata.csv")
  static let designs: [Design] = {
    var designs: [Design] = []
    for line in text("designs.txt").split(separator: "\n") {
      let fields = line.split(separator: "\t").map(String.init)
      let value = fields.count > 1 ? fields[1] : ""
      func numbers() -> [Double] { value.split(separator: " ").map { Double($0) ?? .nan } }
      if fields[0] == "formula" { designs.append(Design(formula: value)) }
      let last = designs.count - 1
      switch fields[0] {
      case "contrasts": designs[last].contrasts = value == "contr.sum" ? .sum : .treatment
      case "rows": designs[last].rows = numbers().map { Int($0) - 1 }
      case "terms": designs[last].terms = Array(fields.dropFirst())
      case "names": designs[last].names = Array(fields.dropFirst())
      case "assign": designs[last].assign = numbers().map { Int($0) }
      case "column": designs[last].columns.append(numbers())
      case "offset": designs[last].offset = numbers()
      case "new": designs[last].newColumns.append(numbers())
      default: break
      }
    }
    return designs
  }()

  /// A file beside the tests.
  private static func text(_ name: String) -> String {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    guard let file = fopen("/" + folder + "/Data/" + name, "r") else {
      fatalError("no file Data/\(name)")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let n = fread(&buffer, 1, buffer.count, file), n > 0 { bytes += buffer[..<n] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A table of plain fields: numeric where every field that is not empty is a number.
  private static func table(_ name: String) -> DataFrame {
    let lines = text(name).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return DataFrame(
      lines[0].enumerated().map { j, name in
        let fields = lines.dropFirst().map { $0[j] }
        let isNumeric = fields.allSatisfy { $0.isEmpty || Double($0) != nil }
        return (
          name,
          isNumeric
            ? .numeric(fields.map { Double($0) ?? .nan })
            : .categorical(fields.map { $0.isEmpty ? nil : $0 })
        )
      })
  }
}
