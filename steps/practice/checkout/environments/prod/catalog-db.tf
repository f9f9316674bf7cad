module "catalog_db" {
  source = "../../modules/services/catalog-db"

  environment       = "prod"
  instance_class    = "db.m5.2xlarge"
  allocated_storage = 3000
}
