import ModelFitting
import Serialisation
import TrialAnalysis

/// The origin of a number as text and as JSON.
extension NumberOrigin {
  /// The report.
  ///
  /// - Parameters:
  ///   - frame: where the table of the command that fits again is, or will be.
  public func text(frame: String) -> String {
    var lines = [record["id"]?.text ?? ""]
    func add(_ name: String, _ text: String?) {
      guard let text, !text.isEmpty else { return }
      for (i, line) in text.split(separator: "\n").enumerated() {
        lines.append("  " + Self.padded(i == 0 ? name : "") + line)
      }
    }
    if isSuppressed {
      add("number", "not shown: a count under \(floor), or one that would give such a count away")
    } else {
      add("number", numbers)
      if let cell { add("printed", "\(cell.table): \(cell.row): \(cell.column): \(cell.text)") }
    }
    add("measure", record["measure"]?.text)
    add("estimand", record["estimand"]?.text)
    add("outcome", record["outcome"]?.text)
    add("data", data)
    add("rows", rows)
    add("filter", filter)
    add("formula", record["formula"]?.text)
    add("method", record["method"]?.text)
    add("conventions", conventions)
    add("status", status)
    add("seed", folder.seed.map(String.init))
    add("software", software)
    add("plan", "\(folder.plan.path)  SHA-256 \(folder.plan.sha256)")
    if !isSuppressed { add("again", again(frame: frame)) }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, 13 - name.count))
  }

  // MARK: Lines

  private var numbers: String {
    let names = NumberLocation.fields + ["conf.level"]
    return names.compactMap { name in
      record[name]?.double.map { "\(name) \(JSONValue.number($0).text(indented: false))" }
    }.joined(separator: ", ")
  }

  private var data: String {
    var lines = (folder.record["data"]?["files"]?.elements ?? []).map { file in
      let rows = file["rows"]?.double.map { "  \(Int($0)) rows" } ?? ""
      return "\(file["file"]?.text ?? "")  SHA-256 \(file["sha256"]?.text ?? "")\(rows)"
    }
    lines.append("\(folder.codebook.path)  SHA-256 \(folder.codebook.sha256)")
    if origin == nil, !isSuppressed {
      lines.append("not at hand, so that no rows are counted (--data names them)")
    }
    return lines.joined(separator: "\n")
  }

  /// A count, or that it is below the floor.
  private func count(_ value: Int) -> String {
    value > 0 && value < floor ? "fewer than \(floor)" : String(value)
  }

  private var rows: String {
    var lines: [String] = []
    if let origin, let part {
      lines.append("\(origin.file): \(origin.fileRows) rows, \(part.rows) of the analysis set")
      lines.append(
        "set \(part.set) (\(part.setLabel.english)): \(part.members) of \(part.randomised) randomised")
      let isLong = part.rows != part.members
      lines += part.departures.map { departure in
        let rows = isLong ? " (\(count(departure.rows)) rows)" : ""
        return "left: \(count(departure.count)) \(departure.reason.english)\(rows)"
      }
      let missing = missing.map { "\($0.column) \(count($0.count))" }
      if !missing.isEmpty { lines.append("missing in the set: " + missing.joined(separator: ", ")) }
    }
    if !isSuppressed, let n = record["n"]?.double {
      let dropped = record["dropped"]?.double.map { Int($0) } ?? 0
      let reason = record["droppedReason"]?.text.map { " (\($0))" } ?? ""
      lines.append("used: \(Int(n))" + (dropped > 0 ? ", dropped: \(count(dropped))\(reason)" : ""))
    }
    return lines.joined(separator: "\n")
  }

  private var filter: String {
    let conditions = part?.departures.map { "!(\($0.condition))" } ?? []
    return conditions.joined(separator: " & ")
  }

  private var conventions: String {
    (record["conventions"]?.members ?? []).map { "\($0.name): \(Self.shortened($0.value.text ?? ""))" }
      .joined(separator: "; ")
  }

  /// A number with a fraction in six digits; other texts as they are.
  private static func shortened(_ text: String) -> String {
    guard text.contains("."), let number = Double(text) else { return text }
    return NumberText.significant(number, digits: 6)
  }

  private var status: String {
    let warnings = (record["warnings"]?.elements ?? []).compactMap(\.text)
    return ([record["status"]?.text ?? ""] + warnings).joined(separator: "\n")
  }

  private var software: String {
    let own = "hekta \(folder.softwareVersion)"
    return folder.softwareVersion == Software.version ? own : own + " (this is \(Software.version))"
  }

  private func again(frame: String) -> String? {
    guard let isReproduced else { return nil }
    var lines = [
      isReproduced
        ? "carried out once more on these data: the same digits"
        : "carried out once more on these data: OTHER digits, by this software or on this machine"
    ]
    if let refit {
      if refit.frame != nil { lines.append(exportLine(frame: frame)) }
      lines.append(refit.commandLine(frame: frame))
      lines += refit.locations.map { location in
        let how =
          switch location.transform {
          case .same: ""
          case .opposite: ", with the opposite sign"
          case .root: ", its square root"
          }
        return "\(location.field) = \(location.path)\(how)"
      }
      if !refit.absent.isEmpty {
        lines.append("printed by no single command: \(refit.absent.joined(separator: ", "))")
      }
    } else {
      lines.append("no single command prints this number; the whole plan does:")
      lines.append(analyseLine)
    }
    return lines.joined(separator: "\n")
  }

  private func exportLine(frame: String) -> String {
    let id = record["id"]?.text ?? ""
    // A run from a store says itself where that is.
    let data = if case .folder(let directory)? = place { ["--data", directory] } else { [String]() }
    return (["hekta", "why", folder.path, id] + data + ["--frame", frame]).map(Refit.quoted)
      .joined(separator: " ")
  }

  private var analyseLine: String {
    let inputs: [String]
    switch place {
    case .folder(let directory)?: inputs = [folder.path, "--data", directory]
    case .vintage(let vintage)?:
      inputs =
        ["--store", vintage.store] + (vintage.name.map { ["--vintage", $0] } ?? [])
        + ["--plan", folder.plan.path]
    case nil: inputs = [folder.path]
    }
    let seed = folder.seed.map { ["--seed", String($0)] } ?? []
    return (["hekta", "analyze"] + inputs + seed + ["--out", "again"]).map(Refit.quoted).joined(
      separator: " ")
  }

  // MARK: JSON

  /// The report for scripts.
  public func json(frame: String) -> JSONValue {
    var members: [JSONValue.Member] = [.init("record", record)]
    if let cell {
      members.append(
        .init(
          "cell",
          [
            "table": .string(cell.table), "row": .string(cell.row), "column": .string(cell.column),
            "text": .string(cell.text),
          ]))
    }
    members.append(.init("data", folder.record["data"]?["files"] ?? .null))
    members.append(.init("plan", ["sha256": .string(folder.plan.sha256)]))
    members.append(.init("codebook", ["sha256": .string(folder.codebook.sha256)]))
    members.append(.init("software", ["name": "hekta", "version": .string(folder.softwareVersion)]))
    if let origin, let part {
      members.append(
        .init(
          "rows",
          [
            "file": .string(origin.file), "inFile": .integer(origin.fileRows), "set": .string(part.set),
            "randomised": .integer(part.randomised), "members": .integer(part.members),
            "inSet": .integer(part.rows),
            "left": .array(
              part.departures.map {
                [
                  "reason": .string($0.reason.english), "where": .string($0.condition),
                  "count": hidden($0.count), "rows": hidden($0.rows),
                ]
              }),
            "missing": .object(missing.map { .init($0.column, hidden($0.count)) }),
          ]))
    }
    members.append(.init("reproduced", isReproduced.map { .bool($0) } ?? .null))
    members.append(.init("refit", refit.map { json($0, frame: frame) } ?? .null))
    return .object(members)
  }

  private func hidden(_ value: Int) -> JSONValue { value > 0 && value < floor ? .null : .integer(value) }

  private func json(_ refit: Refit, frame: String) -> JSONValue {
    [
      "arguments": .strings(refit.arguments), "frame": refit.frame == nil ? .null : .string(frame),
      "command": .string(refit.commandLine(frame: frame)),
      "numbers": .array(
        refit.locations.map {
          [
            "field": .string($0.field), "path": .string($0.path),
            "transform": .string($0.transform.rawValue),
          ]
        }), "absent": .strings(refit.absent),
    ]
  }
}
