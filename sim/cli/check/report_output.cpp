// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/check/report_output.h"

#include <fmt/format.h>

#include "sim/cli/json_line.h"
#include "sim/tables/amounts.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

using metadata::Report;
using metadata::Summary;

std::string_view result_of(const Report& report) {
  if (report.unformatted) return "unformatted";
  if (report.clean()) return "clean";
  return report.fatal() ? "damaged" : "leaks";
}

std::string summary_text(const Summary& summary) {
  std::string text = fmt::format("  version {}; target of {}, in {} regions of {}\n", summary.version,
                                 tables::sectors_and_amount(summary.target_size), summary.regions,
                                 tables::sectors_and_amount(summary.region_size));
  if (summary.regions_read != 0)
    text += fmt::format("  {} of {} regions hydrated\n", summary.hydrated, summary.regions_read);
  if (summary.regions_read != 0 && summary.regions_read < summary.regions)
    text += fmt::format("  {} regions cannot be read\n", summary.regions - summary.regions_read);
  text += fmt::format("  {} of {} blocks of {} bytes in use\n", summary.blocks_used, summary.blocks,
                      summary.block_size);
  return text;
}

Json summary_json(const Summary& summary) {
  return {{"version", summary.version},           {"region_size", summary.region_size},
          {"target_size", summary.target_size},   {"regions", summary.regions},
          {"regions_read", summary.regions_read}, {"regions_hydrated", summary.hydrated},
          {"block_size", summary.block_size},     {"blocks", summary.blocks},
          {"blocks_used", summary.blocks_used},   {"device_blocks", summary.device_blocks}};
}

}  // namespace

std::string text_of(const std::string& file, const Report& report) {
  const std::string name = printable(file);
  if (report.unformatted) {
    return fmt::format(
        "{}: not formatted: block 0 is all zeroes, so a clone formats it when its table is loaded, and "
        "begins "
        "without a hydrated region\n",
        name);
  }
  std::string text;
  for (const metadata::Finding& finding : report.findings)
    text += fmt::format("{}: {}\n", name, metadata::describe(finding));
  text += fmt::format("{}: {}\n", name, result_of(report));
  if (report.summary) text += summary_text(*report.summary);
  return text;
}

std::string json_of(const std::string& file, const Report& report) {
  Json object = {{"file", file}, {"result", result_of(report)}};
  if (report.summary) object["summary"] = summary_json(*report.summary);
  object["findings"] = Json::array();
  for (const metadata::Finding& finding : report.findings) {
    object["findings"].push_back({{"kind", metadata::name_of(finding.kind)},
                                  {"fatal", metadata::is_fatal(finding.kind)},
                                  {"block", finding.block},
                                  {"blocks", finding.blocks},
                                  {"what", finding.what},
                                  {"path", finding.path}});
  }
  return json_line(object);
}

std::string json_of_unopened(const std::string& file, const std::string& reason) {
  return json_line({{"file", file}, {"result", "unopened"}, {"reason", reason}});
}

}  // namespace sim::cli
