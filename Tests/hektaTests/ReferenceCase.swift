import Foundation
import Serialisation
import Testing

/// One reference case: a command line and what its JSON must hold.
struct ReferenceCase: Sendable, CustomTestStringConvertible {
  let id: String
  let arguments: [String]
  let expected: [JSONValue]
  let exit: Int32
  let errorPattern: String?
  let source: String

  var testDescription: String { id }

  /// All cases of the reference folder.
  static let all: [ReferenceCase] = {
    var items: [JSONValue] = []
    for name in ["cases", "survival-cases"] {
      let file = HektaProcess.resource("Reference/\(name).json")
      guard let text = try? String(contentsOf: file, encoding: .utf8),
        let document = try? JSONValue(parsing: text)
      else { return [] }
      items += document.elements
    }
    return items.map { item in
      ReferenceCase(
        id: item["id"]?.text ?? "", arguments: item["args"]?.elements.compactMap(\.text) ?? [],
        expected: item["expect"]?.elements ?? [], exit: Int32(item["exit"]?.double ?? 0),
        errorPattern: item["stderr"]?.text, source: item["source"]?.text ?? "")
    }
  }()

  /// The arguments with data files in full, and the form of the output.
  var commandLine: [String] {
    var line = arguments
    for i in line.indices.dropFirst()
    where ["--data", "--predict", "--changes"].contains(line[i - 1]) && exit != 66 {
      line[i] = HektaProcess.resource("Reference/data/\(line[i])").path
    }
    return line + ["--format", "json"]
  }

  /// What is wrong with a document; nothing where every value is as expected.
  static func faults(of document: JSONValue, expected: [JSONValue]) -> [String] {
    expected.compactMap { fault(of: document, expected: $0) }
  }

  private static func fault(of document: JSONValue, expected: JSONValue) -> String? {
    if let choices = expected["any"]?.elements, !choices.isEmpty {
      let faults = choices.compactMap { fault(of: document, expected: $0) }
      return faults.count == choices.count ? "none of: " + faults.joined(separator: "; ") : nil
    }
    guard let path = expected["path"]?.text else { return "an expectation without a path" }
    let found = JSONPath(path).value(in: document)
    func mismatch(_ words: String) -> String {
      "\(path): \(words), got \(found?.text(indented: false).prefix(80) ?? "nothing")"
    }
    if expected["absent"] != nil { return found == nil ? nil : mismatch("expected nothing") }
    if expected["nonempty"] != nil {
      let size = found.map { $0.elements.count + $0.members.count + ($0.text?.count ?? 0) } ?? 0
      return size > 0 ? nil : mismatch("expected something")
    }
    if let length = expected["length"]?.double {
      return found.map { Double($0.elements.count) } == length ? nil : mismatch("expected \(length) elements")
    }
    if expected["min"] != nil || expected["max"] != nil {
      let low = expected["min"]?.double ?? -.infinity
      let high = expected["max"]?.double ?? .infinity
      return found?.double.map { (low...high).contains($0) } ?? false
        ? nil : mismatch("expected \(low)–\(high)")
    }
    guard let value = expected["value"] else { return mismatch("an expectation without a value") }
    guard let number = value.double else { return found == value ? nil : mismatch("expected \(value)") }
    guard let got = found?.double else { return mismatch("expected \(number)") }
    let allowed = (expected["atol"]?.double ?? 0) + (expected["rtol"]?.double ?? 0) * abs(number)
    return abs(got - number) <= allowed ? nil : mismatch("expected \(number) ± \(allowed)")
  }
}

/// A path such as `coefficients[term=age].std.error`: names (which may hold dots), indices, and selectors of rows.
struct JSONPath {
  private enum Step {
    case name(String)
    case index(Int)
    case row([(name: String, value: String)])
  }

  private let steps: [Step]

  init(_ text: String) {
    var steps: [Step] = []
    var rest = Substring(text)
    while let first = rest.first {
      if first == "[" {
        rest.removeFirst()
        steps.append(Self.bracket(&rest))
      } else if first == "." {
        rest.removeFirst()
      } else {
        let name = rest.prefix { $0 != "[" }
        rest = rest[name.endIndex...]
        steps.append(.name(name.hasSuffix(".") ? String(name.dropLast()) : String(name)))
      }
    }
    self.steps = steps
  }

  private static func bracket(_ rest: inout Substring) -> Step {
    var row: [(String, String)] = []
    var field = ""
    var name: String?
    var quoted = false
    func finish() {
      if let key = name { row.append((key, field)) }
    }
    while let character = rest.popFirst() {
      if character == "\"" {
        quoted.toggle()
      } else if quoted {
        field.append(character)
      } else if character == "]" {
        break
      } else if character == "=", name == nil {
        name = field
        field = ""
      } else if character == "," {
        finish()
        name = nil
        field = ""
      } else {
        field.append(character)
      }
    }
    if name == nil, let index = Int(field) { return .index(index) }
    finish()
    return .row(row)
  }

  func value(in document: JSONValue) -> JSONValue? { Self.walk(document, steps[...]) }

  private static func walk(_ node: JSONValue, _ steps: ArraySlice<Step>) -> JSONValue? {
    guard let step = steps.first else { return node }
    let rest = steps.dropFirst()
    switch step {
    case .name(let name):
      // Names such as std.error hold dots themselves: the longest name that leads on wins.
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      for count in stride(from: parts.count, to: 0, by: -1) {
        guard let child = node[parts.prefix(count).joined(separator: ".")] else { continue }
        let tail = parts.dropFirst(count).joined(separator: ".")
        if let found = walk(child, tail.isEmpty ? rest : [.name(tail)] + rest) { return found }
      }
      return nil
    case .index(let i):
      if case .array(let elements) = node { return i < elements.count ? walk(elements[i], rest) : nil }
      return i == 0 ? walk(node, rest) : nil
    case .row(let wanted):
      let row = node.elements.first { element in
        wanted.allSatisfy { matches(element[$0.name], $0.value) }
      }
      return row.flatMap { walk($0, rest) }
    }
  }

  private static func matches(_ value: JSONValue?, _ wanted: String) -> Bool {
    switch value {
    case nil, .null: return wanted == "null"
    case .bool(let flag): return wanted == String(flag)
    case .string(let text) where text == wanted: return true
    default: break
    }
    guard let a = value?.double ?? value?.text.flatMap(Double.init), let b = Double(wanted) else {
      return false
    }
    return abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))
  }
}
