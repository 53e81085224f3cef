/* edf_read FILE: what EDFlib reads in a file of EDF+ or BDF+, as JSON. */
#include <edflib.h>
#include <stdio.h>
#include <stdlib.h>

static void text(const char *bytes) {
  putchar('"');
  for (; *bytes != '\0'; ++bytes) {
    if (*bytes == '"' || *bytes == '\\') putchar('\\');
    if ((unsigned char)*bytes >= 32) putchar(*bytes);
  }
  putchar('"');
}

static int signals(const struct edf_hdr_struct *header) {
  printf("\"signals\": [");
  for (int i = 0; i < header->edfsignals; ++i) {
    const struct edf_param_struct *signal = &header->signalparam[i];
    const int count = (int)signal->smp_in_file;
    int *digital = malloc(sizeof *digital * (size_t)(count > 0 ? count : 1));
    double *physical = malloc(sizeof *physical * (size_t)(count > 0 ? count : 1));
    if (digital == NULL || physical == NULL) return 1;
    printf("%s{\"label\": ", i > 0 ? ", " : "");
    text(signal->label);
    printf(", \"unit\": ");
    text(signal->physdimension);
    printf(", \"in_record\": %d, \"limits\": [%.17g, %.17g, %d, %d]", signal->smp_in_datarecord, signal->phys_min,
           signal->phys_max, signal->dig_min, signal->dig_max);
    const int got = edfread_digital_samples(header->handle, i, count, digital);
    edfrewind(header->handle, i);
    if (got != count || edfread_physical_samples(header->handle, i, count, physical) != count) return 1;
    printf(", \"digital\": [");
    for (int k = 0; k < count; ++k) printf("%s%d", k > 0 ? "," : "", digital[k]);
    printf("], \"physical\": [");
    for (int k = 0; k < count; ++k) printf("%s%.17g", k > 0 ? "," : "", physical[k]);
    printf("]}");
    free(digital);
    free(physical);
  }
  printf("]");
  return 0;
}

static int annotations(const struct edf_hdr_struct *header) {
  printf(", \"annotations\": [");
  for (long long i = 0; i < header->annotations_in_file; ++i) {
    struct edf_annotation_struct annotation;
    if (edf_get_annotation(header->handle, (int)i, &annotation) != 0) return 1;
    printf("%s[%lld, ", i > 0 ? ", " : "", annotation.onset);
    text(annotation.annotation);
    printf("]");
  }
  printf("]");
  return 0;
}

int main(int argc, char **argv) {
  static struct edf_hdr_struct header;
  if (argc != 2) return 2;
  if (edfopen_file_readonly(argv[1], &header, EDFLIB_READ_ALL_ANNOTATIONS) != 0) {
    fprintf(stderr, "EDFlib: error %d\n", header.filetype);
    return 1;
  }
  printf("{\"type\": %d, \"records\": %lld, \"duration\": %lld, \"equipment\": ", header.filetype,
         header.datarecords_in_file, header.datarecord_duration);
  text(header.equipment);
  printf(", \"start\": [%d, %d, %d, %d, %d, %d, %lld], ", header.startdate_year, header.startdate_month,
         header.startdate_day, header.starttime_hour, header.starttime_minute, header.starttime_second,
         header.starttime_subsecond);
  const int failed = signals(&header) || annotations(&header);
  printf("}\n");
  edfclose_file(header.handle);
  return failed;
}
