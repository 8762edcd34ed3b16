import ModelFormula

extension Codebook {
  /// Reads a codebook.
  ///
  /// - Throws: `DataError`; of kind `noSuchInput` where the file is not there, else with every fault of the file, each as
  ///   `FILE:LINE:COLUMN: key: what was found, what was expected`.
  public init(path: String) throws(DataError) {
    let source = try FileBytes(path: path)
    self = try withExtendedLifetime(source) { () throws(DataError) in
      try CodebookReader.read(source.bytes, file: path)
    }
  }

  /// Reads a codebook from its text.
  ///
  /// - Parameter file: its name, for messages.
  public init(yaml: String, file: String) throws(DataError) {
    let source = FileBytes(Array(yaml.utf8))
    self = try withExtendedLifetime(source) { () throws(DataError) in
      try CodebookReader.read(source.bytes, file: file)
    }
  }
}

/// Reads a codebook's YAML. Every fault is noted with its place, and only then does reading fail.
struct CodebookReader {
  let faults: YAMLFaults

  static func read(_ bytes: UnsafeBufferPointer<UInt8>, file: String) throws(DataError) -> Codebook {
    if let bad = UTF8Check.firstInvalid(bytes, from: 0) {
      throw DataError([
        DataProblem(
          file: file, line: EncodingDetector.line(of: bad, in: bytes), found: "a byte that is no UTF-8",
          expected: "a codebook in UTF-8 expected")
      ])
    }
    let faults = YAMLFaults(file: file)
    let root = try YAMLMapping.root(of: String(decoding: bytes, as: UTF8.self), faults: faults)
    let codebook = CodebookReader(faults: faults).codebook(
      root, file: file, sha256: SHA256.hexadecimal(bytes))
    try faults.throwIfAny()
    return codebook
  }

  private func codebook(_ root: YAMLMapping, file: String, sha256: String) -> Codebook {
    let title = root.wording("title")
    let mappings = root.mappings("files")
    if mappings.isEmpty {
      faults.note("no files", expected: "a list under 'files' expected", at: root.place(of: "files"))
    }
    var files: [CodebookFile] = []
    var linkPlaces: [[YAMLMapping]] = []
    for mapping in mappings {
      let links = mapping.mappings("links")
      files.append(self.file(mapping, links: links))
      linkPlaces.append(links)
    }
    root.finish()
    checkDistinct(files.map(\.name), mappings.map { $0.place(of: "name") }, what: "file name")
    for (file, links) in zip(files, linkPlaces) { checkLinks(file, among: files, links) }
    return Codebook(file: file, sha256: sha256, title: title, files: files)
  }

  // MARK: Files

  private func file(_ mapping: YAMLMapping, links: [YAMLMapping]) -> CodebookFile {
    let path = mapping.requiredText("file")?.value ?? ""
    let delimiter = mapping.choice("delimiter", DelimiterName.self)
    let decimal = mapping.choice("decimal", DecimalName.self)
    let encoding = mapping.choice("encoding", EncodingName.self)
    let missing = missingCodes(mapping)
    var file = CodebookFile(
      name: mapping.text("name")?.value ?? Self.stem(path), file: path, label: mapping.wording("label"),
      reading: ReadingOptions(
        delimiter: delimiter?.delimiter, decimalMark: decimal?.mark, encoding: encoding?.encoding),
      dateOrder: mapping.choice("date-order", DateOrder.self),
      thousandsMark: mapping.choice("thousands", ThousandsMark.self), key: [], links: [], columns: [],
      rules: [],
      scales: [])
    let columns = mapping.mappings("columns")
    if columns.isEmpty {
      faults.note("no columns", expected: "a list under 'columns' expected", at: mapping.place(of: "columns"))
    }
    file.columns = columns.compactMap { column($0, in: file, missing: missing) }
    checkDistinct(file.columns.map(\.name), columns.map { $0.place(of: "name") }, what: "column")
    let names = file.columns.map(\.name)
    file.key = knownColumns(mapping.texts("key"), among: names, mapping)
    file.links = links.map { link($0, columns: names) }
    file.rules = mapping.mappings("rules").compactMap { rule($0, of: file) }
    let scales = mapping.mappings("scales")
    file.scales = scales.compactMap(ScaleReader(faults: faults, declared: file.columns).scale)
    checkDistinct(file.scales.map(\.name), scales.map(\.place), what: "scale")
    mapping.finish()
    return file
  }

  private func link(_ mapping: YAMLMapping, columns: [String]) -> CodebookFile.Link {
    let own = knownColumns(mapping.texts("columns"), among: columns, mapping)
    if own.isEmpty {
      faults.note(
        "no columns", expected: "the columns of this file expected", at: mapping.place(of: "columns"))
    }
    let target = mapping.requiredText("to")
    let there = mapping.texts("on").map(\.value)
    let severity = mapping.choice("severity", Severity.self) ?? .error
    mapping.finish()
    return CodebookFile.Link(
      columns: own, target: target?.value ?? "", targetColumns: there, severity: severity)
  }

  private func rule(_ mapping: YAMLMapping, of file: CodebookFile) -> CodebookRule? {
    defer { mapping.finish() }
    let columns = file.columns.map(\.name)
    let name = mapping.requiredText("name")
    let check = mapping.requiredText("check")
    let severity = mapping.choice("severity", Severity.self) ?? .error
    let label = mapping.wording("label")
    guard let name, let check else { return nil }
    do {
      let expression = try Expression(parsing: check.value)
      for column in expression.names where !columns.contains(column) {
        mapping.noteUnknown(Placed(value: column, place: check.place), among: columns)
      }
      for idle in file.idleComparisons(in: expression) {
        faults.note(idle.found, expected: idle.expected, at: check.place)
      }
      return CodebookRule(name: name.value, check: expression, severity: severity, label: label)
    } catch {
      faults.note(error.description, expected: "a condition such as 'end >= start' expected", at: check.place)
      return nil
    }
  }

  /// Checks that links lead to columns that exist, as many as there are here.
  private func checkLinks(_ file: CodebookFile, among files: [CodebookFile], _ mappings: [YAMLMapping]) {
    for (link, place) in zip(file.links, mappings) where !link.target.isEmpty {
      guard let target = files.first(where: { $0.name == link.target || $0.file == link.target }) else {
        place.noteUnknown(
          Placed(value: link.target, place: place.place(of: "to")), among: files.map(\.name))
        continue
      }
      let there = link.targetColumns.isEmpty ? target.key : link.targetColumns
      for name in there where target[name] == nil {
        place.noteUnknown(
          Placed(value: name, place: place.place(of: "on")), among: target.columns.map(\.name))
      }
      if there.count != link.columns.count {
        faults.note(
          "\(link.columns.count) columns here and \(there.count) in '\(link.target)'",
          expected: "as many on both sides expected (a key there, or 'on')", at: place.place)
      }
    }
  }

  // MARK: Columns

  private func column(
    _ mapping: YAMLMapping, in file: CodebookFile, missing fileMissing: [String: MissingKind]
  ) -> CodebookColumn? {
    guard let name = mapping.requiredText("name") else { return nil }
    _ = mapping.requiredText("type")
    // Where the type is no type, what else is said of the column is taken to fit the one that was meant.
    let type =
      mapping.choice("type", CodebookColumn.ValueType.self)
      ?? (mapping.has("levels") ? .categorical : mapping.has("range") ? .numeric : .text)
    let decimal = mapping.choice("decimal", DecimalName.self)
    let levels = levels(mapping, type: type)
    let (minimum, maximum) = range(mapping, type: type)
    let missing = fileMissing.merging(missingCodes(mapping)) { $1 }
    for level in levels where missing[level.value] != nil {
      faults.note(
        "the level '\(level.value)' among the missing codes", expected: "one meaning a code expected",
        at: mapping.place)
    }
    let column = CodebookColumn(
      name: name.value, label: mapping.wording("label") ?? Wording(name.value), type: type,
      unit: mapping.wording("unit"), levels: levels, minimum: minimum, maximum: maximum, missing: missing,
      isUnique: mapping.bool("unique") ?? false, isRequired: mapping.bool("required") ?? false,
      isOptional: mapping.bool("optional") ?? false,
      severity: mapping.choice("severity", Severity.self) ?? .error,
      decimalMark: decimal?.mark ?? file.reading.decimalMark,
      thousandsMark: mapping.choice("thousands", ThousandsMark.self) ?? file.thousandsMark,
      dateOrder: mapping.choice("date-order", DateOrder.self) ?? file.dateOrder, allowed: allowed(mapping),
      isQuasiIdentifier: mapping.bool("quasi-identifier") ?? false)
    mapping.finish()
    return column
  }

  private func allowed(_ mapping: YAMLMapping) -> Set<IdentifyingContent> {
    var allowed: Set<IdentifyingContent> = []
    for text in mapping.texts("allow") {
      guard let content = IdentifyingContent(rawValue: text.value) else {
        mapping.noteUnknown(text, among: IdentifyingContent.allCases.map(\.rawValue))
        continue
      }
      if content.isNeverAllowed {
        faults.note(
          "found '\(text.value)'", expected: "nothing that is never allowed expected", at: text.place)
      }
      allowed.insert(content)
    }
    return allowed
  }

  private func levels(_ mapping: YAMLMapping, type: CodebookColumn.ValueType) -> [CodebookColumn.Level] {
    var levels: [CodebookColumn.Level] = []
    for item in mapping.textsOrMappings("levels") {
      if let text = item.text {
        levels.append(.init(value: text.value, label: Wording(text.value)))
      } else if let level = item.mapping {
        if let value = level.requiredText("value") {
          levels.append(.init(value: value.value, label: level.wording("label") ?? Wording(value.value)))
        }
        level.finish()
      }
    }
    if type == .categorical, levels.isEmpty {
      faults.note(
        "no levels", expected: "a list under 'levels' expected, the reference first", at: mapping.place)
    }
    if type != .categorical, mapping.has("levels") {
      faults.note(
        "levels of a column of type \(type.rawValue)", expected: "type categorical expected",
        at: mapping.place(of: "levels"))
    }
    checkDistinct(levels.map(\.value), levels.map { _ in mapping.place(of: "levels") }, what: "level")
    return levels
  }

  private func range(_ mapping: YAMLMapping, type: CodebookColumn.ValueType) -> (Double?, Double?) {
    guard mapping.has("range") else { return (nil, nil) }
    let place = mapping.place(of: "range")
    let ends = mapping.texts("range")
    guard [.numeric, .integer, .date].contains(type) else {
      faults.note(
        "a range of a column of type \(type.rawValue)", expected: "type numeric, integer or date expected",
        at: place)
      return (nil, nil)
    }
    guard ends.count == 2 else {
      faults.note("\(ends.count) values", expected: "[smallest, largest] expected", at: place)
      return (nil, nil)
    }
    let limits = ends.map { end -> Double? in
      if ["", "null", "~"].contains(end.value) { return nil }
      if type != .date { return mapping.number(end) }
      if let day = DateText.day(end.value, order: nil) { return Double(day) }
      faults.note("found '\(end.value)'", expected: "a date such as 2020-03-01 expected", at: end.place)
      return nil
    }
    if let low = limits[0], let high = limits[1], low > high {
      faults.note("a smallest value above the largest", expected: "[smallest, largest] expected", at: place)
    }
    return (limits[0], limits[1])
  }

  // MARK: Parts in common

  private func missingCodes(_ mapping: YAMLMapping) -> [String: MissingKind] {
    var codes: [String: MissingKind] = [:]
    for (kind, values) in mapping.has("missing") ? mapping.namedTexts("missing") : [] {
      guard let missing = MissingKind(rawValue: kind.value) else {
        mapping.noteUnknown(kind, among: MissingKind.allCases.map(\.rawValue))
        continue
      }
      for value in values {
        if let other = codes[value.value], other != missing {
          faults.note(
            "the code '\(value.value)' of two kinds", expected: "one kind a code expected", at: value.place)
        }
        codes[value.value] = missing
      }
    }
    return codes
  }

  private func knownColumns(_ names: [Placed<String>], among columns: [String], _ mapping: YAMLMapping)
    -> [String]
  {
    for name in names where !columns.contains(name.value) { mapping.noteUnknown(name, among: columns) }
    return names.map(\.value)
  }

  private func checkDistinct(_ names: [String], _ places: [YAMLPlace], what: String) {
    var seen: Set<String> = []
    for (name, place) in zip(names, places) where !seen.insert(name).inserted {
      faults.note("the \(what) '\(name)' twice", expected: "distinct names expected", at: place)
    }
  }

  private static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }
}

/// The delimiters as a codebook writes them.
enum DelimiterName: String, CaseIterable {
  case auto
  case comma = ","
  case semicolon = ";"
  case tab

  var delimiter: Delimiter? {
    switch self {
    case .auto: nil
    case .comma: .comma
    case .semicolon: .semicolon
    case .tab: .tab
    }
  }
}

/// The decimal marks as a codebook writes them.
enum DecimalName: String, CaseIterable {
  case auto
  case point = "."
  case comma = ","

  var mark: DecimalMark? {
    switch self {
    case .auto: nil
    case .point: .point
    case .comma: .comma
    }
  }
}

/// The encodings as a codebook writes them.
enum EncodingName: String, CaseIterable {
  case auto
  case utf8 = "UTF-8"
  case utf16LittleEndian = "UTF-16LE"
  case utf16BigEndian = "UTF-16BE"
  case windows1252 = "Windows-1252"
  case latin1 = "ISO-8859-1"

  var encoding: TextEncoding? { TextEncoding(rawValue: rawValue) }
}
