module "catalog_airflow" {
  source = "../../modules/services/catalog-airflow"

  environment      = "prod"
  instance_type    = "m5.xlarge"
  docker_image_tag = "v1.5.3"
  airflow_port     = 9090
}
